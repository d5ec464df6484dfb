using Federation.Domain.Addressing;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain.Addressing;

public sealed class CidrParseTests
{
    static readonly Cidr Ten = Cidr.Parse("10.0.0.0/24");

    [Fact]
    public void Each_refusal_carries_the_block_that_was_meant()
    {
        Assert.Equal(new CidrParse.Ok(Ten), CidrParse.Of("10.0.0.0/24"));
        Assert.Equal(new CidrParse.HostBitsSet(Ten), CidrParse.Of("10.0.0.5/24"));
        Assert.Equal(new CidrParse.HostBitsSet(Ten), CidrParse.Of("10.0.0.5/024"));
        Assert.Equal(new CidrParse.NotCanonical(Ten), CidrParse.Of("10.0.0.0/024"));
        Assert.Equal(new CidrParse.NotCanonical(Cidr.Parse("2001:db8::/32")), CidrParse.Of("2001:DB8::/32"));
        Assert.Equal(new CidrParse.NotACidr(), CidrParse.Of("10.0.0.0"));
        Assert.Equal(new CidrParse.NotACidr(), CidrParse.Of(null));
    }

    [Fact]
    public void Good_text_has_nothing_to_explain() => Assert.Throws<ArgumentException>(static () => CidrText.Explain("10.0.0.0/24"));

    [Fact]
    public void Whatever_is_taken_is_what_would_be_written_and_whatever_is_not_has_a_reason() =>
        Prop.ForAll(Blocks.Texts, static text =>
        {
            if (Cidr.TryParse(text, null, out var block)) Assert.Equal((text, new CidrParse.Ok(block)), (block.ToString(), CidrParse.Of(text)));
            else Assert.NotEmpty(Assert.IsAssignableFrom<CidrParse.Refused>(CidrParse.Of(text)).Message);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
}
