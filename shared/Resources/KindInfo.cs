using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.ComponentModel;
using System.Reflection;

namespace Federation.Resources;

/// <summary>What the API knows about a kind, all of it read from its type.</summary>
public sealed class KindInfo
{
    readonly KindAttribute kind;
    readonly string fullName;

    KindInfo(Type type)
    {
        kind = type.GetCustomAttribute<KindAttribute>() ?? throw new ArgumentException($"{type} has no Kind attribute");
        Type = type;
        Columns = [.. type.GetCustomAttributes<ColumnAttribute>()];
        SelectableFields = [.. type.GetCustomAttributes<SelectableFieldAttribute>().Select(field => field.Path)];
        Description = type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";
        Name = kind.KindName.Length > 0 ? kind.KindName : type.Name;
        fullName = $"{Plural}.{Group}";
        HasStatus = type.GetProperty("Status") is not null;
    }

    public Type Type { get; }

    /// <summary>As in <c>kind: IPPool</c>.</summary>
    public string Name { get; }

    public string Group => kind.Group;

    public string Version => kind.Version;

    /// <summary>As in <c>apiVersion: ipam.federation.io/v1alpha1</c>; the core group has no slash.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string Plural => kind.Plural;

    public string Singular => Name.ToLowerInvariant();

    public string ShortName => kind.ShortName;

    public string Category => kind.Category;

    public bool IsNamespaced => kind.Scope is KindScope.Namespaced;

    public bool NameIsLabel => kind.NameIsLabel;

    public string Singleton => kind.Singleton;

    public bool HasStatus { get; }

    public string Description { get; }

    public IReadOnlyList<ColumnAttribute> Columns { get; }

    public IReadOnlyList<string> SelectableFields { get; }

    /// <summary>The path of the kind's collection: <c>/apis/{group}/{version}[/namespaces/{ns}]/{plural}</c>.</summary>
    public string Path(string? ns)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return IsNamespaced && ns is not null ? $"{root}/namespaces/{ns}/{Plural}" : $"{root}/{Plural}";
    }

    public override string ToString() => fullName;

    static readonly FrozenDictionary<Type, KindInfo> ByType = new[]
    {
        typeof(IPPool), typeof(IPClaim), typeof(IPAllocation), typeof(IPPoolClaim), typeof(IPLease), typeof(Edge), typeof(FederationObject),
    }.ToFrozenDictionary(type => type, type => new KindInfo(type));

    /// <summary>Kinds of other groups, which a client of their server may ask for; no server of the project serves them.</summary>
    static readonly ConcurrentDictionary<Type, KindInfo> Foreign = new();

    public static KindInfo Of<T>() where T : Resource => Of(typeof(T));

    public static KindInfo Of(Type type) =>
        ByType.TryGetValue(type, out var own) ? own : Foreign.GetOrAdd(type, static foreign => new KindInfo(foreign));

    /// <summary>All kinds of the project, by plural.</summary>
    public static IReadOnlyList<KindInfo> All { get; } = [.. ByType.Values.OrderBy(static kind => kind.Plural, StringComparer.Ordinal)];
}
