using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Names an object among those of its kind. Ordered by namespace, then name.</summary>
/// <param name="Namespace">Empty for kinds without.</param>
public readonly record struct ResourceKey(string Namespace, string Name) : IComparable<ResourceKey>
{
    public static ResourceKey Of(Resource resource) => new(resource.Namespace ?? "", resource.Name);

    public int CompareTo(ResourceKey other) =>
        string.CompareOrdinal(Namespace, other.Namespace) is var order && order != 0 ? order : string.CompareOrdinal(Name, other.Name);

    /// <summary><c>namespace/name</c>, or the name alone.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
