using System.Reflection;

namespace Federation.Domain.Conditions;

/// <summary>What a reason means to whoever reads it.</summary>
/// <param name="where">The conditions and statuses it appears with, as <c>Allocated=False</c>.</param>
/// <param name="meaning">What has happened.</param>
/// <param name="example">A message that comes with it; its names and numbers vary.</param>
/// <param name="cure">What to do about it.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ReasonAttribute(string where, string meaning, string example, string cure) : Attribute
{
    public string Where => where;

    public string Meaning => meaning;

    public string Example => example;

    public string Cure => cure;
}

/// <summary>What a condition type says, and of which kinds.</summary>
/// <param name="on">The kinds that have it, by name.</param>
/// <param name="meaning">The question it answers.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ConditionTypeAttribute(string on, string meaning) : Attribute
{
    public string On => on;

    public string Meaning => meaning;
}

/// <summary>Every word that conditions are made of, with what it means: the documents are compared with this.</summary>
public static class Vocabulary
{
    /// <summary>In the order of their declaration.</summary>
    public static IReadOnlyList<(string Name, ReasonAttribute About)> Reasons { get; } = Words<ReasonAttribute>(typeof(Reasons));

    /// <summary>In the order of their declaration.</summary>
    public static IReadOnlyList<(string Name, ConditionTypeAttribute About)> Types { get; } = Words<ConditionTypeAttribute>(typeof(ConditionTypes));

    /// <exception cref="InvalidOperationException">A constant says nothing of itself.</exception>
    static IReadOnlyList<(string Name, T About)> Words<T>(Type words) where T : Attribute =>
    [
        .. words.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field.IsLiteral).OrderBy(static field => field.MetadataToken)
            .Select(static field => ((string)field.GetRawConstantValue()!, field.GetCustomAttribute<T>() ?? throw new InvalidOperationException($"{field.Name} is not described"))),
    ];
}
