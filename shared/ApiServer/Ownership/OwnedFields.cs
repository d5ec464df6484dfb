using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Who owns which fields of one object, as read from its <c>metadata.managedFields</c>. Immutable.</summary>
sealed class OwnedFields
{
    /// <summary>Managers by update an entry each; the oldest beyond share one, as in Kubernetes.</summary>
    const int UpdatersMax = 10;

    const string Ancient = "ancient-changes";

    public static readonly OwnedFields None = new(new Dictionary<FieldOwner, (FieldSet, DateTimeOffset?)>());

    readonly IReadOnlyDictionary<FieldOwner, (FieldSet Fields, DateTimeOffset? Since)> owners;

    OwnedFields(IReadOnlyDictionary<FieldOwner, (FieldSet, DateTimeOffset?)> owners) => this.owners = owners;

    public bool IsEmpty => owners.Count == 0;

    /// <summary>Everything that anybody owns.</summary>
    public FieldSet All => owners.Values.Aggregate(new FieldSet(), static (all, one) => all.Union(one.Fields));

    /// <summary>What is said of an object; nobody owns anything where that cannot be read.</summary>
    public static OwnedFields Read(IReadOnlyList<ManagedFieldsEntry>? entries)
    {
        if (entries is not { Count: > 0 }) return None;
        try
        {
            var owners = new Dictionary<FieldOwner, (FieldSet, DateTimeOffset?)>();
            foreach (var entry in entries)
            {
                var owner = new FieldOwner(entry.Manager ?? "", entry.Operation ?? default, entry.ApiVersion ?? "", entry.Subresource ?? "");
                owners[owner] = (entry.FieldsV1 is null ? new() : FieldSet.Read(entry.FieldsV1.Json), entry.Time);
            }

            return new(owners);
        }
        catch (JsonException)
        {
            return None;
        }
    }

    public FieldSet Of(FieldOwner owner) => owners.TryGetValue(owner, out var owned) ? owned.Fields : new();

    /// <summary>The owners but this one, in the order in which they are named.</summary>
    public IEnumerable<(FieldOwner Owner, FieldSet Fields)> Others(FieldOwner self) => owners.Where(pair => pair.Key != self).Select(static pair => (pair.Key, pair.Value.Fields))
        .OrderBy(static pair => pair.Key.Manager, StringComparer.Ordinal).ThenBy(static pair => pair.Key.Operation).ThenBy(static pair => pair.Key.Subresource, StringComparer.Ordinal);

    /// <summary>With exactly these fields for one owner; the time moves only when they are others than before, or when <paramref name="hasWritten"/>.</summary>
    public OwnedFields With(FieldOwner owner, FieldSet fields, DateTimeOffset? now, bool hasWritten = false)
    {
        var next = new Dictionary<FieldOwner, (FieldSet Fields, DateTimeOffset? Since)>(owners);
        var since = !hasWritten && next.TryGetValue(owner, out var known) && known.Fields.SameAs(fields) ? known.Since : now;
        if (fields.IsEmpty) next.Remove(owner);
        else next[owner] = (fields, since);
        return new(next);
    }

    /// <summary>Without what the others lose to <paramref name="self"/> and what is gone for all.</summary>
    public OwnedFields Taken(FieldOwner self, FieldSet written, FieldSet removed)
    {
        var next = new Dictionary<FieldOwner, (FieldSet Fields, DateTimeOffset? Since)>();
        foreach (var (owner, owned) in owners)
        {
            var left = owned.Fields.Except(removed);
            if (owner != self) left = left.Except(written);
            if (!left.IsEmpty || owner == self) next[owner] = (left, owned.Since);
        }

        return new(next);
    }

    /// <summary>As stored: appliers first, then by time and name; null when there are none.</summary>
    public IReadOnlyList<ManagedFieldsEntry>? ToEntries()
    {
        var entries = Capped().Where(static pair => !pair.Fields.IsEmpty).Select(static pair => Entry(pair.Owner, pair.Fields, pair.Since))
            .OrderBy(static entry => entry.Operation).ThenBy(static entry => entry.Time).ThenBy(static entry => entry.Manager, StringComparer.Ordinal)
            .ThenBy(static entry => entry.Subresource, StringComparer.Ordinal).ToList();
        return entries.Count > 0 ? entries : null;
    }

    public static ManagedFieldsEntry Entry(FieldOwner owner, FieldSet fields, DateTimeOffset? since) => Entry(owner, FieldsText.Of(fields.ToJson()), since);

    public static ManagedFieldsEntry Entry(FieldOwner owner, FieldsText fields, DateTimeOffset? since) => new()
    {
        Manager = owner.Manager,
        Operation = owner.Operation,
        ApiVersion = owner.ApiVersion,
        Time = since,
        FieldsType = ManagedFieldsEntry.TheFieldsType,
        FieldsV1 = fields,
        Subresource = owner.Subresource.Length > 0 ? owner.Subresource : null,
    };

    List<(FieldOwner Owner, FieldSet Fields, DateTimeOffset? Since)> Capped()
    {
        var all = owners.Select(static pair => (Owner: pair.Key, pair.Value.Fields, pair.Value.Since)).ToList();
        var updaters = all.Where(static one => one.Owner is { Operation: ManagedFieldsOperation.Update, Subresource: "" }).OrderBy(static one => one.Since).ThenBy(static one => one.Owner.Manager, StringComparer.Ordinal).ToList();
        if (updaters.Count <= UpdatersMax) return all;

        var oldest = updaters[..(updaters.Count - UpdatersMax + 1)];
        var merged = (oldest[0].Owner with { Manager = Ancient }, oldest.Aggregate(new FieldSet(), static (sum, one) => sum.Union(one.Fields)), oldest[^1].Since);
        return [.. all.Except(oldest), merged];
    }
}
