using Federation.Domain.Addressing;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain.Addressing;

/// <summary>Drawn blocks and texts. Groups of zeros and ones are likelier than chance would have them.</summary>
static class Blocks
{
    static readonly Gen<int> Group = Gen.OneOf(Gen.Constant(0), Gen.Constant(0xffff), Gen.Choose(0, 0xffff), Gen.Choose(0, 15));

    public static Arbitrary<Cidr> OfBothFamilies { get; } = Arb.From(
        from groups in Group.ArrayOf(8)
        from length in Gen.Choose(0, 128)
        from isSix in Gen.Elements(true, false)
        select isSix ? Cidr.Of(Join(groups, 8), length, 128) : Cidr.Of(Join(groups, 2), length % 33, 32));

    /// <summary>Near misses: canonical text with up to two characters changed, added or left out.</summary>
    public static Arbitrary<string> Texts { get; } = Arb.From(
        from block in OfBothFamilies.Generator
        from slips in (
            from at in Gen.Choose(0, Cidr.TextMax)
            from kind in Gen.Choose(0, 2)
            from character in Gen.Elements("0123456789abcdefABF.:/ %+-x".ToCharArray())
            select (at, kind, character)).ArrayOf(2)
        select slips.Aggregate(block.ToString(), static (text, slip) => Slip(text, slip.at % (text.Length + 1), slip.kind, slip.character)));

    static UInt128 Join(int[] groups, int count) =>
        groups.Take(count).Aggregate(UInt128.Zero, static (address, group) => (address << 16) | (uint)group);

    static string Slip(string text, int at, int kind, char character) => kind switch
    {
        0 => text.Insert(at, character.ToString()),
        1 when at < text.Length => text.Remove(at, 1),
        2 when at < text.Length => text.Remove(at, 1).Insert(at, character.ToString()),
        _ => text,
    };
}
