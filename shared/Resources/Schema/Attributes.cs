namespace Federation.Resources;

/// <summary>Once written, the field keeps its value for the object's life.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImmutableFieldAttribute : Attribute;

/// <summary>A whole number between two bounds, both included.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BoundsAttribute(long minimum, long maximum) : Attribute
{
    public long Minimum { get; } = minimum;

    public long Maximum { get; } = maximum;
}

/// <summary>How long each text of a list or map may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemLengthAttribute(int maximum) : Attribute
{
    public int Maximum { get; } = maximum;
}

/// <summary>
/// A rule between the fields of a part, in the Common Expression Language: what an API server without our validation can
/// check of it. Says what <see cref="IValidated"/> says, as far as the language goes.
/// </summary>
/// <param name="expression">Over <c>self</c>, the part.</param>
/// <param name="message">For people: what would be right.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RuleAttribute(string expression, string message) : Attribute
{
    public string Expression { get; } = expression;

    public string Message { get; } = message;
}

/// <summary>Whether a kind's objects live in a namespace or in the cluster.</summary>
public enum KindScope { Unspecified = 0, Cluster, Namespaced }

/// <summary>Names a type as a kind of the API; everything the server says of a kind is derived from here.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KindAttribute(string plural, KindScope scope) : Attribute
{
    public string Plural { get; } = plural;

    public KindScope Scope { get; } = scope;

    public string Group { get; init; } = ApiGroup.Name;

    public string Version { get; init; } = ApiGroup.Version;

    /// <summary>As in <c>kind: IPPool</c>, where it is not the type's name.</summary>
    public string KindName { get; init; } = "";

    public string ShortName { get; init; } = "";

    /// <summary>Categories such as <c>all</c>, under which kubectl lists several kinds at once.</summary>
    public string Category { get; init; } = "federation";

    /// <summary>Names must be DNS labels of 63 characters, because other names are derived from them.</summary>
    public bool NameIsLabel { get; init; }

    /// <summary>There may be a million of them, most of which nobody looks at for long.</summary>
    public bool IsNumerous { get; init; }

    /// <summary>The only name an object of this kind may have, when it is a singleton.</summary>
    public string Singleton { get; init; } = "";
}

/// <summary>A column of <c>kubectl get</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class ColumnAttribute(string name, string jsonPath) : Attribute
{
    public string Name { get; } = name;

    /// <summary>As in a CRD's printer columns: <c>.status.phase</c> or <c>.status.conditions[?(@.type=="Ready")].reason</c>.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>A reference to an object, printed as <c>kind/name</c>.</summary>
    public const string Reference = "reference";

    /// <summary>OpenAPI type: string, integer, boolean, date; or <see cref="Reference"/>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>0 is always shown, 1 only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>A field that <c>--field-selector</c> may name, besides <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class SelectableFieldAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>The path of the field, where selectors name it otherwise.</summary>
    public string Path { get; init; } = name;
}

/// <summary>The group and version of the project's kinds, and the names it uses on objects.</summary>
public static class ApiGroup
{
    public const string Name = "ipam.federation.io";
    public const string Version = "v1alpha1";
    public const string GroupVersion = $"{Name}/{Version}";
}
