using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Federation.Resources;

/// <summary>The rules of a part as <c>x-kubernetes-validations</c>: those it carries, and one for each field that may never change.</summary>
public static class CelRules
{
    public static JsonArray Of(Type part) =>
    [
        .. part.GetCustomAttributes<RuleAttribute>().Select(static rule => Rule(rule.Expression, rule.Message)),
        .. part.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.GetCustomAttribute<ImmutableFieldAttribute>() is not null)
            .Select(static property => Unchanged(JsonNamingPolicy.CamelCase.ConvertName(property.Name))),
    ];

    /// <summary>The rules of a kind about what its objects are called.</summary>
    public static JsonArray OfName(KindInfo kind) => kind switch
    {
        { Singleton: { Length: > 0 } only } => [Rule($"self.metadata.name == '{only}'", $"there is one object of this kind, named {only}")],
        { NameIsLabel: true } => [Rule("self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')", "metadata.name must be a DNS label: at most 63 characters, no dots")],
        _ => [],
    };

    /// <summary>Neither changed, nor set later, nor taken away.</summary>
    static JsonObject Unchanged(string field) =>
        Rule($"has(self.{field}) ? has(oldSelf.{field}) && self.{field} == oldSelf.{field} : !has(oldSelf.{field})", $"{field} cannot be changed");

    static JsonObject Rule(string expression, string message) => new JsonObject { ["rule"] = expression, ["message"] = message };
}
