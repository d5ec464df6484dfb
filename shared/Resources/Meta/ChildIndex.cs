using System.Collections.Immutable;
using System.Globalization;

namespace Federation.Resources;

/// <summary>
/// A child's number among its siblings, as the child itself carries it: the smallest that was free when it was made. It
/// never changes, so that the condition its parent has of it keeps its type.
/// </summary>
public static class ChildIndex
{
    public const string Annotation = "ipam.federation.io/child-index";

    /// <summary>The child's number; null when it carries none, or no number.</summary>
    public static int? Of(Resource child) =>
        int.TryParse(child.Metadata.Annotation(Annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <summary>The smallest number none of these siblings carries.</summary>
    public static int SmallestFree(IEnumerable<Resource> siblings)
    {
        var taken = siblings.Select(Of).ToHashSet();
        var index = 0;
        while (taken.Contains(index)) index++;
        return index;
    }

    public static ImmutableSortedDictionary<string, string> Annotations(int index) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(Annotation, index.ToString(CultureInfo.InvariantCulture));
}
