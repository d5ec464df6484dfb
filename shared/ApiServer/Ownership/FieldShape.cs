using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>How the parts of a value are owned, after its type: what <c>x-kubernetes-list-type</c> and its like say in a schema. Closed.</summary>
abstract class FieldShape
{
    static readonly ConcurrentDictionary<Type, FieldShape> Shapes = new();

    FieldShape() { }

    /// <summary>Owned as a whole: a scalar, or a list that is replaced as one.</summary>
    public sealed class Leaf : FieldShape
    {
        public static readonly Leaf The = new();
    }

    /// <summary>Each field is owned by itself.</summary>
    public sealed class Struct(FrozenDictionary<string, FieldShape> fields) : FieldShape
    {
        public FieldShape? Field(string name) => fields.GetValueOrDefault(name);
    }

    /// <summary>Text by text, as labels: each entry is owned by itself.</summary>
    public sealed class Map : FieldShape
    {
        public static readonly Map The = new();
    }

    /// <summary>A list of scalars in which each occurs once.</summary>
    public sealed class SetList : FieldShape
    {
        public static readonly SetList The = new();
    }

    /// <summary>A list of objects told apart by one field.</summary>
    public sealed class KeyedList(string key, FieldShape item) : FieldShape
    {
        public string Key { get; } = key;

        public FieldShape Item { get; } = item;
    }

    public static FieldShape Of(Type type) => Shapes.GetOrAdd(type, static type => Make(type));

    /// <summary>The shape of the part behind a path element.</summary>
    public FieldShape Below(string element) => this switch
    {
        Struct parts => parts.Field(element[2..]) ?? Leaf.The,
        KeyedList list => list.Item,
        _ => Leaf.The,
    };

    static FieldShape Make(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(ImmutableSortedDictionary<string, string>)) return Map.The;
        if (type == typeof(IReadOnlyList<Condition>)) return new KeyedList("type", Of(typeof(Condition)));
        if (type == typeof(IReadOnlyList<OwnerReference>)) return new KeyedList("uid", Of(typeof(OwnerReference)));
        if (!type.IsClass || type == typeof(string) || type == typeof(FieldsText) || type == typeof(JsonElement) || type == typeof(Cidr)) return Leaf.The;
        return new Struct(type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite).ToFrozenDictionary(
            static property => JsonNamingPolicy.CamelCase.ConvertName(property.Name),
            static property => property.DeclaringType == typeof(ObjectMeta) && property.Name is nameof(ObjectMeta.Finalizers) ? SetList.The : Make(property.PropertyType),
            StringComparer.Ordinal));
    }
}
