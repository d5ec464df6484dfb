using Xunit.Abstractions;
using Xunit.Sdk;

namespace Federation.Tests.House;

/// <summary>
/// Tests of whole processes, or of what takes most of a minute of real time. All others run in the test process alone and are
/// done within a minute.
/// </summary>
[TraitDiscoverer("Federation.Tests.House.WholeDiscoverer", "Federation.Tests")]
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class WholeAttribute : Attribute, IWhole;

/// <summary>Makes any attribute of a test say so.</summary>
public interface IWhole : ITraitAttribute
{
    /// <summary>What leaves these out.</summary>
    public const string Filter = "Category!=Whole";
}

public sealed class WholeDiscoverer : ITraitDiscoverer
{
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Category", "Whole")];
}
