using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Federation.Domain;

/// <summary>What must always be true. A broken invariant throws in every build: nobody may go on from there.</summary>
public static class Invariant
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        if (!condition) Break(text);
    }

    [DoesNotReturn]
    static void Break(string? text) => throw new InvariantViolationException($"invariant broken: {text}");
}

/// <summary>The process is wrong about its own state. The host stops; what is stored is the truth.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);
