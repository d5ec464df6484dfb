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
    readonly FrozenDictionary<string, string> selectable;
    Resource? blank;

    KindInfo(Type type)
    {
        kind = type.GetCustomAttribute<KindAttribute>() ?? throw new ArgumentException($"{type} has no Kind attribute");
        Type = type;
        Columns = [.. type.GetCustomAttributes<ColumnAttribute>()];
        selectable = type.GetCustomAttributes<SelectableFieldAttribute>().ToFrozenDictionary(static field => field.Name, static field => field.Path, StringComparer.Ordinal);
        SelectableFields = [.. type.GetCustomAttributes<SelectableFieldAttribute>().Select(static field => field.Name)];
        Description = type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";
        Name = kind.KindName.Length > 0 ? kind.KindName : type.Name;
        Singular = Name.ToLowerInvariant();
        ApiVersion = Group.Length == 0 ? Version : $"{Group}/{Version}";
        Root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{ApiVersion}";
        fullName = Group.Length == 0 ? Plural : $"{Plural}.{Group}";
        HasStatus = type.GetProperty("Status") is not null;
    }

    public Type Type { get; }

    /// <summary>An object of the kind that says nothing.</summary>
    public Resource Blank => blank ??= (Resource)Activator.CreateInstance(Type)!;

    /// <summary>As in <c>kind: IPPool</c>.</summary>
    public string Name { get; }

    public string Group => kind.Group;

    public string Version => kind.Version;

    /// <summary>As in <c>apiVersion: ipam.federation.io/v1alpha1</c>; the core group has no slash.</summary>
    public string ApiVersion { get; }

    public string Plural => kind.Plural;

    public string Singular { get; }

    public string ShortName => kind.ShortName;

    public string Category => kind.Category;

    public bool IsNamespaced => kind.Scope is KindScope.Namespaced;

    public bool NameIsLabel => kind.NameIsLabel;

    public bool IsNumerous => kind.IsNumerous;

    public string Singleton => kind.Singleton;

    public bool HasStatus { get; }

    public string Description { get; }

    public IReadOnlyList<ColumnAttribute> Columns { get; }

    /// <summary>What a field selector may name, besides name and namespace.</summary>
    public IReadOnlyList<string> SelectableFields { get; }

    /// <summary>The path in the object that a selectable field stands for; null when a selector may not name it.</summary>
    public string? SelectablePath(string field) => selectable.GetValueOrDefault(field);

    /// <summary>The path of the kind's group and version: <c>/apis/{group}/{version}</c>, or <c>/api/v1</c> of the core group.</summary>
    public string Root { get; }

    /// <summary>The path of the kind's collection: <c>/apis/{group}/{version}[/namespaces/{ns}]/{plural}</c>.</summary>
    public string Path(string? ns) => IsNamespaced && ns is not null ? $"{Root}/namespaces/{ns}/{Plural}" : $"{Root}/{Plural}";

    /// <summary><c>ippools.ipam.federation.io</c>; of the core group the plural alone.</summary>
    public override string ToString() => fullName;

    static readonly FrozenDictionary<Type, KindInfo> ByType = new[]
    {
        typeof(IPPool), typeof(IPClaim), typeof(IPAllocation), typeof(IPPoolClaim), typeof(IPLease), typeof(Edge), typeof(FederationObject),
        typeof(NamespaceObject), typeof(EventObject),
    }.ToFrozenDictionary(type => type, type => new KindInfo(type));

    /// <summary>Kinds of other groups, which a client of their server may ask for; no server of the project serves them.</summary>
    static readonly ConcurrentDictionary<Type, KindInfo> Foreign = new();

    public static KindInfo Of<T>() where T : Resource => Of(typeof(T));

    public static KindInfo Of(Type type) =>
        ByType.TryGetValue(type, out var own) ? own : Foreign.GetOrAdd(type, static foreign => new KindInfo(foreign));

    /// <summary>All kinds of the project, by plural.</summary>
    public static IReadOnlyList<KindInfo> All { get; } = [.. ByType.Values.Where(static kind => kind.Group == ApiGroup.Name).OrderBy(static kind => kind.Plural, StringComparer.Ordinal)];

    /// <summary>All kinds a server of the project keeps: its own, and of the core group what a client takes for granted.</summary>
    public static IReadOnlyList<KindInfo> Served { get; } = [.. ByType.Values.OrderBy(static kind => kind.Group, StringComparer.Ordinal).ThenBy(static kind => kind.Plural, StringComparer.Ordinal)];
}
