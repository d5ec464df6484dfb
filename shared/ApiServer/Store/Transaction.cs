using System.Collections.Immutable;
using System.Globalization;
using Federation.Domain;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Follows every change of the working state, inside the transaction that makes it.</summary>
public interface IChangeObserver
{
    /// <summary>Takes in everything there is. Called once, before the first change.</summary>
    void Load(Snapshot snapshot);

    /// <summary>Takes one change in. Swapping the arguments must take it back: that is how a transaction is undone.</summary>
    void Apply(Resource? before, Resource? after);
}

/// <summary>
/// One atomic change, made on the one writer. It sees everything before it, also what is not committed yet. Whatever it
/// throws, nothing of it remains.
/// </summary>
public sealed class Transaction
{
    static readonly KindInfo Namespaces = KindInfo.Of<NamespaceObject>();

    readonly WorkingState state;
    readonly List<Change> changes;
    readonly List<AuditRecord> audit;
    readonly List<StoredObject> woken;
    readonly (int Changes, int Audit) begin;

    /// <param name="changes">Takes what changes, behind that of the transactions before.</param>
    /// <param name="woken">Takes what is looked at, and was kept as bytes alone.</param>
    internal Transaction(WorkingState state, string actor, DateTimeOffset now, List<Change> changes, List<AuditRecord> audit, List<StoredObject> woken)
    {
        (this.state, this.changes, this.audit, this.woken) = (state, changes, audit, woken);
        begin = (changes.Count, audit.Count);
        Actor = actor;
        Now = now;
    }

    /// <summary>Who asked, for the audit.</summary>
    public string Actor { get; }

    public DateTimeOffset Now { get; }

    /// <summary>The revision the next write gets; never given twice.</summary>
    public long NextRevision => state.Revision + 1;

    public StoredObject? Find(KindInfo kind, string? ns, string name)
    {
        var found = state.Find(kind, ns, name);
        if (found is not null && found.Wake()) woken.Add(found);
        return found;
    }

    public T? Find<T>(string? ns, string name) where T : Resource => (T?)Find(KindInfo.Of<T>(), ns, name)?.Resource;

    public IEnumerable<T> All<T>() where T : Resource => state.All(KindInfo.Of<T>()).Select(static stored => (T)stored.Resource);

    public int Count<T>() where T : Resource => state.Count(KindInfo.Of<T>());

    internal IEnumerable<StoredObject> Stored(KindInfo kind) => state.All(kind);

    /// <summary>Stores a new version; answers it with its resource version.</summary>
    public T Put<T>(T resource) where T : Resource
    {
        var kind = KindInfo.Of(resource.GetType());
        if (kind.IsNamespaced) EnsureNamespace(resource.Namespace!);
        var revision = NextRevision;
        var stamped = (T)(resource with
        {
            ApiVersion = kind.ApiVersion,
            Kind = kind.Name,
            Metadata = resource.Metadata with { ResourceVersion = revision.ToString(CultureInfo.InvariantCulture) },
        });
        Write(Find(kind, resource.Namespace, resource.Name), new StoredObject(kind, stamped, ResourceJson.Write(stamped), revision));
        return stamped;
    }

    /// <summary>Makes a namespace unless it is there: an object is never in one that nobody can see.</summary>
    internal void EnsureNamespace(string name)
    {
        if (state.Find(Namespaces, ns: null, name) is null) Put(NamespaceObject.Implied(name, NextRevision, Now));
    }

    /// <summary>Stores a new version unless it says what the stored one says, resource version aside.</summary>
    public T PutIfChanged<T>(T resource) where T : Resource
    {
        if (Find(KindInfo.Of(resource.GetType()), resource.Namespace, resource.Name) is not { Resource: var current } stored) return Put(resource);
        if (ReferenceEquals(current, resource)) return (T)current;
        var alike = resource with { ApiVersion = current.ApiVersion, Kind = current.Kind, Metadata = resource.Metadata with { ResourceVersion = current.Metadata.ResourceVersion } };
        return stored.Json.Span.SequenceEqual(ResourceJson.Write(alike)) ? (T)current : Put(resource);
    }

    public void Remove(Resource resource)
    {
        var current = Find(KindInfo.Of(resource.GetType()), resource.Namespace, resource.Name);
        Invariant.Holds(current is not null);
        Write(current, after: null);
    }

    public void Audit(string action, string subject, string detail) => audit.Add(new(Now, Actor, action, subject, detail));

    internal void Undo()
    {
        for (var i = changes.Count - 1; i >= begin.Changes; i--) state.Replace(changes[i].After, changes[i].Before);
        state.Revision -= changes.Count - begin.Changes;
        changes.RemoveRange(begin.Changes, changes.Count - begin.Changes);
        audit.RemoveRange(begin.Audit, audit.Count - begin.Audit);
    }

    void Write(StoredObject? before, StoredObject? after)
    {
        state.Revision++;
        state.Replace(before, after);
        changes.Add(new(state.Revision, before, after));
    }
}

/// <summary>What the writer works on: all objects with everything that is not committed yet.</summary>
sealed class WorkingState(IReadOnlyList<IChangeObserver> observers)
{
    readonly Dictionary<KindInfo, ImmutableSortedSet<StoredObject>.Builder> objects =
        KindInfo.Served.ToDictionary(static kind => kind, static _ => Snapshot.Empty.ToBuilder());

    public long Revision { get; set; }

    public StoredObject? Find(KindInfo kind, string? ns, string name) =>
        objects[kind].TryGetValue(StoredObject.Key(kind, ns, name), out var found) ? found : null;

    public IEnumerable<StoredObject> All(KindInfo kind) => objects[kind];

    public int Count(KindInfo kind) => objects[kind].Count;

    public void Replace(StoredObject? before, StoredObject? after)
    {
        Put(before, after);
        foreach (var observer in observers) observer.Apply(before?.Resource, after?.Resource);
    }

    public void Load(IEnumerable<StoredObject> all, long revision)
    {
        foreach (var stored in all) Put(before: null, stored);
        Revision = revision;
        var snapshot = ToSnapshot();
        foreach (var observer in observers) observer.Load(snapshot);
    }

    void Put(StoredObject? before, StoredObject? after)
    {
        var set = objects[(after ?? before)!.Kind];
        if (before is not null) Invariant.Holds(set.Remove(before));
        if (after is not null) Invariant.Holds(set.Add(after));
    }

    public Snapshot ToSnapshot() => new(Revision, objects.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToImmutable()));
}
