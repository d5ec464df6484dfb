using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>What differs between two versions of an object.</summary>
readonly record struct FieldChanges(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public FieldSet Written => Added.Union(Modified);
}

/// <summary>Objects by their fields: which they have, how two differ, one merged into another. After structured-merge-diff.</summary>
static class FieldTree
{
    /// <summary>The fields of a value: every leaf, every entry of a map, every item of a keyed list.</summary>
    public static FieldSet Fields(JsonNode? value, FieldShape shape)
    {
        var set = new FieldSet();
        Collect(value, shape, set);
        return set;
    }

    /// <summary>How two versions differ. What is new is named with all its parts, also those that hold others.</summary>
    public static FieldChanges Compare(JsonNode? before, JsonNode? after, FieldShape shape)
    {
        var changes = new FieldChanges(new(), new(), new());
        Compare(before, after, shape, [], changes);
        return changes;
    }

    /// <summary>What is there, with what is wanted in it. Neither is changed.</summary>
    public static JsonNode? Merge(JsonNode? there, JsonNode? wanted, FieldShape shape)
    {
        if (wanted is null) return there?.DeepClone();
        if (there is null) return wanted.DeepClone();
        return (shape, there, wanted) switch
        {
            (FieldShape.Struct or FieldShape.Map, JsonObject current, JsonObject changes) => MergeObjects(current, changes, shape),
            (FieldShape.SetList or FieldShape.KeyedList, JsonArray current, JsonArray changes) => MergeLists(current, changes, shape),
            _ => wanted.DeepClone(),
        };
    }

    /// <summary>The value without these fields; what becomes empty by that goes too.</summary>
    public static JsonNode? Without(JsonNode? value, FieldSet fields, FieldShape shape)
    {
        switch (value, shape)
        {
            case (JsonObject members, FieldShape.Struct or FieldShape.Map):
                var rest = new JsonObject();
                foreach (var (name, member) in members)
                {
                    var (part, below) = ($"f:{name}", fields.Find($"f:{name}"));
                    if (below is { IsMember: true }) continue;
                    if (below is null) rest[name] = member?.DeepClone();
                    else if (Without(member, below, shape.Below(part)) is { } left) rest[name] = left;
                }

                return rest.Count == 0 && members.Count > 0 ? null : rest;
            case (JsonArray items, FieldShape.SetList or FieldShape.KeyedList):
                var kept = new JsonArray();
                foreach (var item in items)
                {
                    var below = fields.Find(Element(item, shape));
                    if (below is not { IsMember: true }) kept.Add(below is null ? item?.DeepClone() : Without(item, below, shape.Below("k:")));
                }

                return kept.Count == 0 && items.Count > 0 ? null : kept;
            default:
                return value?.DeepClone();
        }
    }

    static void Collect(JsonNode? value, FieldShape shape, FieldSet into)
    {
        switch (value, shape)
        {
            case (JsonObject members, FieldShape.Struct or FieldShape.Map):
                foreach (var (name, member) in members)
                {
                    var below = into.At($"f:{name}");
                    Collect(member, shape.Below($"f:{name}"), below);
                    if (shape is FieldShape.Map || member is null or JsonObject { Count: 0 }) below.Insert();
                }

                break;
            case (JsonArray items, FieldShape.SetList or FieldShape.KeyedList):
                foreach (var item in items)
                {
                    var below = into.At(Element(item, shape));
                    if (shape is FieldShape.KeyedList list) Collect(item, list.Item, below);
                    below.Insert();
                }

                break;
            default:
                into.Insert();
                break;
        }
    }

    static void Compare(JsonNode? before, JsonNode? after, FieldShape shape, List<string> path, FieldChanges changes)
    {
        if (before is null && after is null) return;
        if (before is not null && after is not null && JsonNode.DeepEquals(before, after)) return;
        if (IsLeaf(before, shape) && IsLeaf(after, shape))
        {
            (before is null ? changes.Added : after is null ? changes.Removed : changes.Modified).Insert(path);
            return;
        }

        foreach (var element in Elements(before, shape).Union(Elements(after, shape)))
        {
            path.Add(element);
            Compare(Part(before, element, shape), Part(after, element, shape), shape.Below(element), path, changes);
            path.RemoveAt(path.Count - 1);
        }

        if (path.Count == 0) return;
        if (before is null) changes.Added.Insert(path);
        if (after is null) changes.Removed.Insert(path);
    }

    /// <summary>Whether a value counts as one field: scalars and lists owned as a whole, and what is empty.</summary>
    static bool IsLeaf(JsonNode? value, FieldShape shape) => (value, shape) switch
    {
        (null, _) => true,
        (JsonObject { Count: > 0 }, FieldShape.Struct or FieldShape.Map) => false,
        (JsonArray { Count: > 0 }, FieldShape.SetList or FieldShape.KeyedList) => false,
        _ => true,
    };

    static IEnumerable<string> Elements(JsonNode? value, FieldShape shape) => value switch
    {
        JsonObject members => members.Select(static member => $"f:{member.Key}"),
        JsonArray items when shape is FieldShape.SetList or FieldShape.KeyedList => items.Select(item => Element(item, shape)),
        _ => [],
    };

    static JsonNode? Part(JsonNode? value, string element, FieldShape shape) => value switch
    {
        JsonObject members => members[element[2..]],
        JsonArray items => items.FirstOrDefault(item => Element(item, shape) == element),
        _ => null,
    };

    static JsonObject MergeObjects(JsonObject there, JsonObject wanted, FieldShape shape)
    {
        var merged = new JsonObject();
        foreach (var (name, member) in there) merged[name] = wanted.ContainsKey(name) ? Merge(member, wanted[name], shape.Below($"f:{name}")) : member?.DeepClone();
        foreach (var (name, member) in wanted) if (!there.ContainsKey(name)) merged[name] = member?.DeepClone();
        return merged;
    }

    /// <summary>Items of both keep the order in which they are wanted; what is only there stays where it stands among them.</summary>
    static JsonArray MergeLists(JsonArray there, JsonArray wanted, FieldShape shape)
    {
        var (known, asked) = (Elements(there, shape).ToList(), Elements(wanted, shape).ToList());
        var shared = new Queue<string>(asked.Where(known.Contains));
        var merged = new JsonArray();
        for (int i = 0, j = 0; i < known.Count || j < asked.Count;)
        {
            var turn = shared.TryPeek(out var next) ? next : null;
            if (i < known.Count && !asked.Contains(known[i])) merged.Add(there[i++]?.DeepClone());
            else if (i < known.Count && (j == asked.Count || (known[i] != asked[j] && known[i] != turn))) i++;
            else Take(ref i, ref j, turn);
        }

        return merged;

        void Take(ref int i, ref int j, string? turn)
        {
            if (i < known.Count && known[i] == asked[j]) i++;
            if (asked[j] == turn) shared.Dequeue();
            merged.Add(Merge(Part(there, asked[j], shape), wanted[j++], shape.Below("k:")));
        }
    }

    static string Element(JsonNode? item, FieldShape shape) => shape is FieldShape.KeyedList list
        ? $"k:{new JsonObject { [list.Key] = item?[list.Key]?.DeepClone() }.ToJsonString(ResourceJson.Lenient)}"
        : $"v:{item?.ToJsonString(ResourceJson.Lenient) ?? "null"}";
}
