using System.Text.Encodings.Web;
using System.Text.Json;

namespace Federation.ApiServer;

/// <summary>
/// A set of fields of an object, as a tree of path elements in the spelling of <c>FieldsV1</c>: <c>f:name</c>,
/// <c>k:{"type":"Ready"}</c>, <c>v:"a"</c>. A node that is a member stands for the field itself. Built up by its maker, and
/// then left alone: operations answer new sets.
/// </summary>
sealed class FieldSet
{
    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    static readonly JsonDocumentOptions Document = new() { MaxDepth = Federation.Resources.ResourceJson.DepthMax * 2 };

    readonly SortedDictionary<string, FieldSet> children = new(StringComparer.Ordinal);

    public bool IsMember { get; private set; }

    public bool IsEmpty => !IsMember && children.Values.All(static child => child.IsEmpty);

    /// <summary>The part below a path element; made when there is none.</summary>
    public FieldSet At(string element) => children.TryGetValue(element, out var child) ? child : children[element] = new();

    public FieldSet? Find(string element) => children.GetValueOrDefault(element);

    public void Insert() => IsMember = true;

    public void Insert(IEnumerable<string> path)
    {
        var at = this;
        foreach (var element in path) at = at.At(element);
        at.IsMember = true;
    }

    public FieldSet Union(FieldSet other) => Combine(other, static (a, b) => a || b);

    public FieldSet Except(FieldSet other) => Combine(other, static (a, b) => a && !b);

    public FieldSet Intersect(FieldSet other) => Combine(other, static (a, b) => a && b);

    public bool SameAs(FieldSet other) => Except(other).IsEmpty && other.Except(this).IsEmpty;

    /// <summary>This set without a part of the object.</summary>
    public FieldSet Without(string element) => Filtered(name => name != element);

    /// <summary>Of this set only what lies in one part of the object.</summary>
    public FieldSet Only(string element) => Filtered(name => name == element);

    /// <summary>Every field of this set, as its path.</summary>
    public IEnumerable<IReadOnlyList<string>> Members()
    {
        if (IsMember) yield return [];
        foreach (var (element, child) in children)
        {
            foreach (var path in child.Members()) yield return [element, .. path];
        }
    }

    /// <summary>With every named field on the way to a member: what owns <c>spec.a</c> then owns <c>spec</c> too. Entries of maps and items of lists are left as they are.</summary>
    public FieldSet WithNamedParents(FieldShape shape)
    {
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in children)
        {
            if (child.IsEmpty) continue;
            var inner = child.WithNamedParents(shape.Below(element));
            if (shape is FieldShape.Struct) inner.IsMember = true;
            result.children[element] = inner;
        }

        return result;
    }

    /// <exception cref="JsonException">It is no set of fields.</exception>
    public static FieldSet Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Document);
        return Read(document.RootElement, isRoot: true);
    }

    public byte[] ToJson()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed)) Write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    FieldSet Filtered(Func<string, bool> isKept)
    {
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in children.Where(pair => isKept(pair.Key))) result.children[element] = child;
        return result;
    }

    FieldSet Combine(FieldSet other, Func<bool, bool, bool> holds)
    {
        var result = new FieldSet { IsMember = holds(IsMember, other.IsMember) };
        foreach (var element in children.Keys.Union(other.children.Keys))
        {
            var combined = (children.GetValueOrDefault(element) ?? Nothing).Combine(other.children.GetValueOrDefault(element) ?? Nothing, holds);
            if (!combined.IsEmpty) result.children[element] = combined;
        }

        return result;
    }

    void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = children.Where(static pair => !pair.Value.IsEmpty).ToList();
        if (IsMember && parts.Count > 0)
        {
            writer.WriteStartObject(".");
            writer.WriteEndObject();
        }

        foreach (var (element, child) in parts)
        {
            writer.WritePropertyName(element);
            child.Write(writer);
        }

        writer.WriteEndObject();
    }

    static FieldSet Read(JsonElement json, bool isRoot)
    {
        if (json.ValueKind is not JsonValueKind.Object) throw new JsonException("a set of fields is an object");
        var set = new FieldSet();
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name is ".") set.IsMember = true;
            else if (member.Name is ['f' or 'k' or 'v' or 'i', ':', ..]) set.children[member.Name] = Read(member.Value, isRoot: false);
            else throw new JsonException($"\"{member.Name}\" is no path element");
        }

        if (set.children.Count == 0 && !isRoot) set.IsMember = true;
        return set;
    }

    static readonly FieldSet Nothing = new();
}
