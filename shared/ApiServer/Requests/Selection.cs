using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Which objects a list or watch is about: namespace, label selector, field selector.</summary>
public sealed record Selection(string? Namespace, LabelSelector? Labels = null, IReadOnlyList<FieldTerm>? Fields = null)
{
    public static readonly Selection Everything = new(Namespace: null);

    public bool Matches(StoredObject stored) =>
        (Namespace is null || stored.Namespace == Namespace)
        && (Labels is null || Labels.Matches(stored.Resource.Metadata.Labels))
        && (Fields is null || Fields.All(term => term.Matches(stored)));
}

/// <summary>One term of a field selector: a field, and whether its text must be this or must not.</summary>
public sealed record FieldTerm(string Path, string Value, bool IsEqual)
{
    public bool Matches(StoredObject stored) => (Text(stored) == Value) == IsEqual;

    string Text(StoredObject stored) => Path switch
    {
        "metadata.name" => stored.Name,
        "metadata.namespace" => stored.Namespace,
        _ => JsonPath.Text(stored.Json, Path),
    };
}

/// <summary>Reads selectors as clients write them.</summary>
public static class SelectorText
{
    const int TextMax = 8192;

    /// <summary><c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c></summary>
    public static LabelSelector? Labels(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (text.Length > TextMax) throw ApiErrors.BadRequest($"labelSelector: may not be longer than {TextMax}");

        List<LabelSelectorRequirement> requirements = [.. Split(text).Select(Requirement)];
        return new LabelSelector { MatchExpressions = requirements };
    }

    /// <summary><c>metadata.name=a,spec.poolRef.name!=b</c></summary>
    public static IReadOnlyList<FieldTerm>? Fields(string? text, KindInfo kind)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (text.Length > TextMax) throw ApiErrors.BadRequest($"fieldSelector: may not be longer than {TextMax}");

        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(term => Field(term, kind))];
    }

    static FieldTerm Field(string term, KindInfo kind)
    {
        var isEqual = !term.Contains("!=", StringComparison.Ordinal);
        var parts = term.Split(isEqual ? (term.Contains("==", StringComparison.Ordinal) ? "==" : "=") : "!=", 2);
        if (parts.Length != 2) throw ApiErrors.BadRequest($"fieldSelector: invalid term \"{term}\"; write field=value");
        var path = parts[0] is "metadata.name" or "metadata.namespace" ? parts[0] : kind.SelectablePath(parts[0]);
        if (path is null)
        {
            throw ApiErrors.BadRequest($"fieldSelector: field label not supported: {parts[0]}; supported: metadata.name, metadata.namespace, {string.Join(", ", kind.SelectableFields)}");
        }

        return new(path, parts[1], isEqual);
    }

    /// <summary>Splits at the commas that stand outside parentheses.</summary>
    static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            var isEnd = i == text.Length || (text[i] == ',' && depth == 0);
            if (!isEnd)
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
                continue;
            }

            if (text[start..i].Trim() is { Length: > 0 } term) yield return term;
            start = i + 1;
        }
    }

    static LabelSelectorRequirement Requirement(string term)
    {
        var requirement = Parse(term);
        if (requirement.Validate().FirstOrDefault() is { } error) throw ApiErrors.BadRequest($"labelSelector: \"{term}\": {error.Message}", [error.Under("labelSelector")]);
        if (requirement.Values?.FirstOrDefault(static value => !LabelSyntax.IsValue(value)) is { } bad)
        {
            throw ApiErrors.BadRequest($"labelSelector: \"{bad}\": {LabelSyntax.ValueRule}");
        }

        return requirement;
    }

    static LabelSelectorRequirement Parse(string term)
    {
        if (term.EndsWith(')') && term.IndexOf('(', StringComparison.Ordinal) is > 0 and var open)
        {
            var words = term[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = term[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
            return words switch
            {
                [var key, "in"] => Of(key, LabelSelectorOperator.In, values),
                [var key, "notin"] => Of(key, LabelSelectorOperator.NotIn, values),
                _ => throw ApiErrors.BadRequest($"labelSelector: cannot read \"{term}\"; write key in (a,b) or key notin (a,b)"),
            };
        }

        if (term.Split("!=", 2) is [var unequal, var other]) return Of(unequal, LabelSelectorOperator.NotIn, [other.Trim()]);
        if (term.Split("==", 2) is [var same, var value]) return Of(same, LabelSelectorOperator.In, [value.Trim()]);
        if (term.Split('=', 2) is [var equal, var wanted]) return Of(equal, LabelSelectorOperator.In, [wanted.Trim()]);
        return term.StartsWith('!') ? Of(term[1..], LabelSelectorOperator.DoesNotExist, null) : Of(term, LabelSelectorOperator.Exists, null);
    }

    static LabelSelectorRequirement Of(string key, LabelSelectorOperator comparison, IReadOnlyList<string>? values) =>
        new() { Key = key.Trim(), Operator = comparison, Values = values };
}

/// <summary>The part of JSONPath that printer columns and field selectors use.</summary>
public static class JsonPath
{
    /// <summary>The text at a path, or an empty one. Paths as <c>spec.poolRef.name</c> or <c>.status.conditions[?(@.type=="Ready")].reason</c>.</summary>
    public static string Text(ReadOnlyMemory<byte> json, string path)
    {
        using var document = JsonDocument.Parse(json);
        return Text(document.RootElement, path);
    }

    public static string Text(JsonElement root, string path) => Find(root, path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } or null => "",
        { } other => other.GetRawText(),
    };

    public static JsonElement? Find(JsonElement root, string path)
    {
        JsonElement? at = root;
        foreach (var step in path.TrimStart('.').Split('.').Aggregate(new List<string>(), Join))
        {
            if (at is not { ValueKind: JsonValueKind.Object } element) return null;
            var filter = step.IndexOf("[?(@.", StringComparison.Ordinal);
            var name = filter < 0 ? step : step[..filter];
            if (!element.TryGetProperty(name, out var next)) return null;
            at = filter < 0 ? next : First(next, step[(filter + 5)..^2]);
        }

        return at;
    }

    /// <summary>Puts the pieces of a filter, which has dots of its own, together again.</summary>
    static List<string> Join(List<string> steps, string piece)
    {
        if (steps is [.., var last] && last.Contains("[?(", StringComparison.Ordinal) && !last.EndsWith(")]", StringComparison.Ordinal)) steps[^1] = $"{last}.{piece}";
        else steps.Add(piece);
        return steps;
    }

    static JsonElement? First(JsonElement list, string comparison)
    {
        if (list.ValueKind is not JsonValueKind.Array || comparison.Split("==", 2) is not [var field, var value]) return null;
        foreach (var item in list.EnumerateArray())
        {
            if (item.TryGetProperty(field, out var found) && found.GetString() == value.Trim('"')) return item;
        }

        return null;
    }
}
