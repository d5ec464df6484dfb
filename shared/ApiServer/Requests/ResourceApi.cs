using System.Globalization;
using System.Text.Json.Nodes;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.ApiServer;

/// <summary>How a patch document is to be read.</summary>
public enum PatchKind { Unspecified = 0, Merge, Json }

/// <summary>
/// The verbs of the API over the kinds, below HTTP: what a request does to objects. Generic: whatever a kind needs
/// besides comes from its type or its <see cref="IKindRules"/>.
/// </summary>
public sealed class ResourceApi(ObjectStore store, IEnumerable<IKindRules> rules, Func<Guid> newUid, Func<int, int> draw)
{
    const int PatchAttemptsMax = 32;

    readonly Dictionary<KindInfo, IKindRules> rulesByKind = rules.ToDictionary(static rule => rule.Kind);
    readonly ObjectLifecycle lifecycle = new(newUid, draw);

    public StoredObject Get(KindInfo kind, string? ns, string name) => store.Current.Find(kind, ns, name) ?? throw ApiErrors.NotFound(kind, name);

    public Task<Resource> CreateAsync(KindInfo kind, string? ns, ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancel)
    {
        var wanted = Traced(ObjectLifecycle.Prepare(kind, ns, ObjectReader.Read(kind, body, options.FieldValidation)));
        return store.WriteAsync(options.Actor, transaction =>
        {
            var named = lifecycle.Born(transaction, kind, wanted);
            if (transaction.Find(kind, named.Namespace, named.Name) is not null) throw ApiErrors.AlreadyExists(kind, named.Name);
            return transaction.Put(rulesByKind.GetValueOrDefault(kind)?.Creating(transaction, named) ?? named);
        }, cancel, options.DryRun);
    }

    public Task<Resource> ReplaceAsync(KindInfo kind, string? ns, string name, bool statusOnly, ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancel)
    {
        var wanted = ObjectLifecycle.Prepare(kind, ns, ObjectReader.Read(kind, body, options.FieldValidation));
        if (wanted.Name != name) throw ApiErrors.BadRequest($"the name of the object ({wanted.Name}) does not match the name on the URL ({name})");
        return store.WriteAsync(options.Actor, transaction => Update(transaction, kind, ns, name, wanted, statusOnly), cancel, options.DryRun);
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
            var wanted = ObjectLifecycle.Prepare(kind, ns, ObjectReader.Read(kind, bytes, options.FieldValidation));
            if (wanted.Name != name) throw ApiErrors.Invalid(kind, name, [FieldError.Invalid("metadata.name", wanted.Name, "field is immutable")]);
            try
            {
                return await store.WriteAsync(options.Actor, transaction => Update(transaction, kind, ns, name, wanted, statusOnly), cancel, options.DryRun);
            }
            catch (ApiException e) when (e.Status is { Code: 409, Reason: ApiReasons.Conflict } && !carriesVersion && attempt < PatchAttemptsMax
                && store.Current.Find(kind, ns, name) is { } newer && newer.Revision != current.Revision)
            {
                // Somebody else wrote between the read and the write: the patch is applied to what is there now.
            }
        }
    }

    /// <summary>Answers the object when it waits for finalizers, null when it is gone.</summary>
    public Task<Resource?> DeleteAsync(KindInfo kind, string? ns, string name, DeleteOptions options, CancellationToken cancel) =>
        store.WriteAsync(options.Actor, transaction => Delete(transaction, kind, ns, name, options), cancel, options.DryRun);

    /// <summary>Deletes one by one, each a transaction of its own; stops at the first that is refused.</summary>
    public async Task<IReadOnlyList<StoredObject>> DeleteCollectionAsync(KindInfo kind, Selection selection, DeleteOptions options, CancellationToken cancel)
    {
        var doomed = store.Current.From(kind, selection.Namespace, after: null).Where(selection.Matches).ToList();
        foreach (var stored in doomed)
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

        return doomed;
    }

    /// <summary>What may be answered later than it is asked remembers the trace it was asked in.</summary>
    static Resource Traced(Resource wanted) => wanted is IPClaim or IPPoolClaim ? wanted.Marked() : wanted;

    Resource Update(Transaction transaction, KindInfo kind, string? ns, string name, Resource wanted, bool statusOnly)
    {
        var current = transaction.Find(kind, ns, name)?.Resource ?? throw ApiErrors.NotFound(kind, name);
        ObjectLifecycle.CheckPreconditions(kind, current, wanted.Metadata.Uid, wanted.Metadata.ResourceVersion);
        var next = statusOnly ? ObjectLifecycle.WithStatus(kind, current, wanted) : ObjectLifecycle.WithSpec(kind, current, wanted);
        if (!statusOnly && rulesByKind.GetValueOrDefault(kind) is { } kindRules) next = kindRules.Updating(transaction, current, next);
        if (!next.Metadata.IsDeleting() || next.Metadata.Finalizers is { Count: > 0 }) return transaction.PutIfChanged(next);

        return Remove(transaction, kind, next);
    }

    Resource? Delete(Transaction transaction, KindInfo kind, string? ns, string name, DeleteOptions options)
    {
        var current = transaction.Find(kind, ns, name)?.Resource ?? throw ApiErrors.NotFound(kind, name);
        ObjectLifecycle.CheckPreconditions(kind, current, options.Uid, options.ResourceVersion);
        if (current.Metadata.IsDeleting()) return current;

        rulesByKind.GetValueOrDefault(kind)?.Deleting(transaction, current);
        current = transaction.Find(kind, ns, name)?.Resource ?? current;
        if (current.Metadata.Finalizers is { Count: > 0 })
        {
            return transaction.Put(current with { Metadata = current.Metadata with { DeletionTimestamp = transaction.Now, DeletionGracePeriodSeconds = 0 } });
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
