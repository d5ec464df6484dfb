using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Namespaces of a server that stands alone. One that holds something cannot be deleted: that would release all that is claimed in it.</summary>
sealed class NamespaceRules : IKindRules
{
    static readonly KindInfo Events = KindInfo.Of<EventObject>();

    public KindInfo Kind => KindInfo.Of<NamespaceObject>();

    public Resource Creating(Transaction transaction, Resource wanted) => ((NamespaceObject)wanted).Active();

    public Resource Updating(Transaction transaction, Resource before, Resource wanted) => ((NamespaceObject)wanted).Active();

    public void Deleting(Transaction transaction, Resource current)
    {
        if (current.Name is NamespaceObject.DefaultName) throw ApiErrors.Forbidden(Kind, current.Name, "this namespace may not be deleted");
        var held = KindInfo.Served.Where(static kind => kind.IsNamespaced && kind != Events).Select(kind => (kind.Plural, Count: transaction.Stored(kind).Count(stored => stored.Namespace == current.Name)))
            .Where(static kind => kind.Count > 0).Select(static kind => $"{kind.Count} {kind.Plural}").ToList();
        if (held.Count > 0) throw ApiErrors.Conflict(Kind, current.Name, $"the namespace holds {string.Join(" and ", held)}; delete them first");
    }

    /// <summary>What happened in a namespace goes with it.</summary>
    public void Removing(Transaction transaction, Resource current)
    {
        foreach (var stored in transaction.Stored(Events).Where(stored => stored.Namespace == current.Name).ToList()) transaction.Remove(stored.Resource);
    }
}
