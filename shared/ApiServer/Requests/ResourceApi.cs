using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.ApiServer;

/// <summary>How a patch document is to be read.</summary>
public enum PatchKind { Unspecified = 0, Merge, Json, Apply }

/// <summary>
/// The verbs of the API over the kinds, below HTTP: what a request does to objects. Generic: whatever a kind needs
/// besides comes from its type or its <see cref="IKindRules"/>.
/// </summary>
public sealed class ResourceApi(ObjectStore store, IEnumerable<IKindRules> rules, Func<Guid> newUid, Func<int, int> draw)
{
    const int PatchAttemptsMax = 32;
    const string Status = "status";

    readonly Dictionary<KindInfo, IKindRules> rulesByKind = rules.ToDictionary(static rule => rule.Kind);
    readonly ObjectLifecycle lifecycle = new(newUid, draw);

    public StoredObject Get(KindInfo kind, string? ns, string name) => store.Current.Find(kind, ns, name) ?? throw ApiErrors.NotFound(kind, name);

    public Task<Resource> CreateAsync(KindInfo kind, string? ns, ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancel)
    {
        var given = ObjectLifecycle.Prepare(kind, ns, ObjectReader.Read(kind, body, options));
        var fields = FieldTracking.OfNew(kind, given);
        var wanted = Traced(given);
        return store.WriteAsync(options.Actor, transaction =>
        {
            var named = lifecycle.Born(transaction, kind, wanted);
            if (transaction.Find(kind, named.Namespace, named.Name) is not null) throw ApiErrors.AlreadyExists(kind, named.Name);
            return Rehearsed(Create(transaction, kind, FieldTracking.Made(named, fields, Updater(kind, options, statusOnly: false), transaction.Now)), current: null, options);
        }, cancel, options.DryRun);
    }

    public Task<Resource> ReplaceAsync(KindInfo kind, string? ns, string name, bool statusOnly, ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancel)
    {
        var wanted = ObjectLifecycle.Prepare(kind, ns, ObjectReader.Read(kind, body, options));
        if (wanted.Name != name) throw NameMismatch(wanted.Name, name);
        return store.WriteAsync(options.Actor, transaction => Update(transaction, kind, ns, name, wanted, statusOnly, options), cancel, options.DryRun);
    }

    /// <summary>Applies a patch to the newest version. A patch that carries a resource version applies to that one only.</summary>
    public async Task<Resource> PatchAsync(
        KindInfo kind, string? ns, string name, bool statusOnly, PatchKind patchKind, ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancel)
    {
        var patch = JsonPatch.Read(body);
        var carriesVersion = patch is JsonObject && patch["metadata"] is JsonObject metadata && metadata["resourceVersion"] is not null;
        for (var attempt = 1; ; attempt++)
        {
            var current = Get(kind, ns, name);
            var document = JsonPatch.Read(current.Json);
            var patched = patchKind is PatchKind.Json ? JsonPatch.Apply(document, patch) : JsonPatch.Merge(document, patch);
            var bytes = System.Text.Encoding.UTF8.GetBytes(patched?.ToJsonString() ?? "null");
            var wanted = ObjectLifecycle.Prepare(kind, ns, ObjectReader.Read(kind, bytes, options));
            if (wanted.Name != name) throw NameMismatch(wanted.Name, name);
            try
            {
                return await store.WriteAsync(options.Actor, transaction => Update(transaction, kind, ns, name, wanted, statusOnly, options), cancel, options.DryRun);
            }
            catch (ApiException e) when (e.Status is { Code: 409, Reason: ApiReasons.Conflict } && !carriesVersion && attempt < PatchAttemptsMax
                && store.Current.Find(kind, ns, name) is { } newer && newer.Revision != current.Revision)
            {
                // Somebody else wrote between the read and the write: the patch is applied to what is there now.
            }
        }
    }

    /// <summary>Server-side apply: the body says all that its manager wants of the object, which is made when there is none.</summary>
    public Task<(Resource Applied, bool IsNew)> ApplyAsync(KindInfo kind, string? ns, string name, bool statusOnly, ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancel)
    {
        var config = ApplyConfig.Read(kind, name, body, options);
        return store.WriteAsync(options.Actor, transaction => Apply(transaction, kind, ns, name, config, statusOnly, options), cancel, options.DryRun);
    }

    /// <summary>Answers the object when it waits for finalizers, null when it is gone.</summary>
    public Task<Resource?> DeleteAsync(KindInfo kind, string? ns, string name, DeleteOptions options, CancellationToken cancel) =>
        store.WriteAsync(options.Actor, transaction => Delete(transaction, kind, ns, name, options), cancel, options.DryRun);

    /// <summary>Deletes the objects of a page one by one, each a transaction of its own; stops at the first that is refused.</summary>
    public async Task DeleteAllAsync(KindInfo kind, ListPage doomed, DeleteOptions options, CancellationToken cancel)
    {
        foreach (var stored in doomed.Items)
        {
            try
            {
                await DeleteAsync(kind, stored.Namespace, stored.Name, options with { Uid = stored.Resource.Uid }, cancel);
            }
            catch (ApiException e) when (e.Status.Code is 404 || e.Status is { Code: 409, Details.Causes: null })
            {
                // Gone, or another object of the name: deleted all the same.
            }
        }
    }

    /// <summary>What may be answered later than it is asked remembers the trace it was asked in.</summary>
    static Resource Traced(Resource wanted) => wanted is IPClaim or IPPoolClaim ? wanted.Marked() : wanted;

    (Resource Applied, bool IsNew) Apply(Transaction transaction, KindInfo kind, string? ns, string name, JsonObject config, bool statusOnly, WriteOptions options)
    {
        var current = transaction.Find(kind, ns, name)?.Resource;
        if (current is null && statusOnly) throw ApiErrors.NotFound(kind, name);
        var owner = new FieldOwner(options.Manager, ManagedFieldsOperation.Apply, kind.ApiVersion, statusOnly ? Status : "");
        var (merged, owners) = FieldTracking.Applied(kind, current, config, owner, options.Force, transaction.Now);
        var wanted = ObjectLifecycle.Prepare(kind, ns, Read(kind, merged));
        wanted = wanted with { Metadata = wanted.Metadata with { ManagedFields = owners } };
        if (current is not null)
        {
            return (Rehearsed(Update(transaction, kind, current, wanted, statusOnly, next => next with { Metadata = next.Metadata with { ManagedFields = owners } }), current, options), false);
        }

        if (wanted.Metadata.Uid is { } uid) throw ApiErrors.Conflict(kind, name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        return (Rehearsed(Create(transaction, kind, lifecycle.Born(transaction, kind, Traced(wanted))), current: null, options), true);
    }

    Resource Create(Transaction transaction, KindInfo kind, Resource born) => transaction.Put(rulesByKind.GetValueOrDefault(kind)?.Creating(transaction, born) ?? born);

    Resource Update(Transaction transaction, KindInfo kind, string? ns, string name, Resource wanted, bool statusOnly, WriteOptions options)
    {
        var current = transaction.Find(kind, ns, name)?.Resource ?? throw ApiErrors.NotFound(kind, name);
        var next = Update(transaction, kind, current, wanted, statusOnly,
            next => FieldTracking.Updated(kind, current, next, wanted.Metadata.ManagedFields, Updater(kind, options, statusOnly), transaction.Now));
        return Rehearsed(next, current, options);
    }

    Resource Update(Transaction transaction, KindInfo kind, Resource current, Resource wanted, bool statusOnly, Func<Resource, Resource> owned)
    {
        ObjectLifecycle.CheckPreconditions(kind, current, wanted.Metadata.Uid, wanted.Metadata.ResourceVersion);
        var next = statusOnly ? ObjectLifecycle.WithStatus(kind, current, wanted) : ObjectLifecycle.WithSpec(kind, current, wanted);
        if (!statusOnly && rulesByKind.GetValueOrDefault(kind) is { } kindRules) next = kindRules.Updating(transaction, current, next);
        next = owned(next);
        if (!next.Metadata.IsDeleting() || next.Metadata.Finalizers is { Count: > 0 }) return transaction.PutIfChanged(next);

        return Remove(transaction, kind, next);
    }

    /// <summary>What is merged has only fields that are known; but a part that must be whole may not be.</summary>
    static Resource Read(KindInfo kind, JsonObject merged)
    {
        try
        {
            return ResourceJson.Read(JsonSerializer.SerializeToUtf8Bytes(merged, ResourceJson.Lenient), kind.Type);
        }
        catch (JsonException e)
        {
            throw ApiErrors.Invalid(kind, merged["metadata"]?["name"]?.ToString() ?? "", [new(e.Path?.TrimStart('$', '.') ?? "", "FieldValueRequired", "Required value: the object is not whole with what is applied")]);
        }
    }

    static ApiException NameMismatch(string given, string wanted) => ApiErrors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({wanted})");

    /// <summary>What is only rehearsed has the version it had, or none.</summary>
    static Resource Rehearsed(Resource result, Resource? current, WriteOptions options) => options.DryRun
        ? result with { Metadata = result.Metadata with { ResourceVersion = current?.Metadata.ResourceVersion } }
        : result;

    static FieldOwner Updater(KindInfo kind, WriteOptions options, bool statusOnly) => new(options.Manager, ManagedFieldsOperation.Update, kind.ApiVersion, statusOnly ? Status : "");

    Resource? Delete(Transaction transaction, KindInfo kind, string? ns, string name, DeleteOptions options)
    {
        var current = transaction.Find(kind, ns, name)?.Resource ?? throw ApiErrors.NotFound(kind, name);
        ObjectLifecycle.CheckPreconditions(kind, current, options.Uid, options.ResourceVersion);
        if (current.Metadata.IsDeleting()) return current;

        rulesByKind.GetValueOrDefault(kind)?.Deleting(transaction, current);
        current = transaction.Find(kind, ns, name)?.Resource ?? current;
        if (current.Metadata.Finalizers is { Count: > 0 })
        {
            // As in Kubernetes, being asked to go is a change of what is wanted.
            return transaction.Put(current with { Metadata = current.Metadata with { DeletionTimestamp = transaction.Now, DeletionGracePeriodSeconds = 0, Generation = current.Metadata.Generation + 1 } });
        }

        Remove(transaction, kind, current);
        return null;
    }

    Resource Remove(Transaction transaction, KindInfo kind, Resource current)
    {
        rulesByKind.GetValueOrDefault(kind)?.Removing(transaction, current);
        var revision = transaction.NextRevision.ToString(CultureInfo.InvariantCulture);
        transaction.Remove(current);
        return current with { Metadata = current.Metadata with { ResourceVersion = revision } };
    }
}
