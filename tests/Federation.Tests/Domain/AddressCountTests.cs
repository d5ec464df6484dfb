using System.Numerics;
using Federation.Domain;
using Federation.Domain.Addressing;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain;

public sealed class AddressCountTests
{
    static readonly BigInteger All = BigInteger.Pow(2, 128);

    /// <summary>Numbers of every magnitude, and those next to powers of two.</summary>
    static readonly Arbitrary<(BigInteger A, BigInteger B)> Pairs = (from a in Numbers from b in Numbers select (a, b)).ToArbitrary();

    static Gen<BigInteger> Numbers =>
        from bits in Gen.Choose(0, 128)
        from aside in Gen.Choose(-2, 2)
        select BigInteger.Min(All, BigInteger.Max(0, BigInteger.Pow(2, bits) + aside));

    [Fact]
    public void Sums_and_differences_are_exact_up_to_all_addresses_there_are()
    {
        Prop.ForAll(Pairs, pair =>
        {
            var (a, b) = (CountOf(pair.A), CountOf(pair.B));

            Assert.Equal(pair.A.CompareTo(pair.B), a.CompareTo(b));
            if (pair.A + pair.B <= All) Assert.Equal((pair.A + pair.B).ToString(), (a + b).ToString());
            else Assert.Throws<InvariantViolationException>(() => a + b);
            if (pair.A >= pair.B) Assert.Equal((pair.A - pair.B).ToString(), (a - b).ToString());
            else Assert.Throws<InvariantViolationException>(() => a - b);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void More_than_all_addresses_cannot_be_counted()
    {
        var all = AddressCount.PowerOfTwo(128);

        Assert.Throws<InvariantViolationException>(() => all + all);
        Assert.Throws<InvariantViolationException>(() => all + AddressCount.Of(1));
        Assert.Throws<InvariantViolationException>(() => AddressCount.PowerOfTwo(129));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("256")]
    [InlineData("18446744073709551616")]
    [InlineData("340282366920938463463374607431768211455")]
    [InlineData("340282366920938463463374607431768211456")]
    public void A_count_is_read_and_written_alike(string text)
    {
        var read = AddressCount.TryParse(text, out var count);

        Assert.True(read);
        Assert.Equal(text, count.ToString());
        Assert.Equal(text == "0", count.IsZero);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("007")]
    [InlineData("340282366920938463463374607431768211457")]
    [InlineData("1000000000000000000000000000000000000000")]
    public void What_is_no_exact_decimal_is_no_count(string? text)
    {
        var read = AddressCount.TryParse(text, out var count);

        Assert.False(read);
        Assert.True(count.IsZero);
    }

    [Theory]
    [InlineData("0", "0", 0)]
    [InlineData("0", "256", 0)]
    [InlineData("64", "256", 25)]
    [InlineData("256", "256", 100)]
    [InlineData("1", "3", 33.3333)]
    [InlineData("1", "340282366920938463463374607431768211456", 0)]
    [InlineData("340282366920938463463374607431768211455", "340282366920938463463374607431768211456", 99.9999)]
    [InlineData("170141183460469231731687303715884105728", "340282366920938463463374607431768211456", 50)]
    public void A_share_is_rounded_down_so_that_only_all_is_a_hundred_percent(string part, string total, double percent)
    {
        Assert.True(AddressCount.TryParse(part, out var a));
        Assert.True(AddressCount.TryParse(total, out var b));

        Assert.Equal(percent, a.PercentOf(b));
    }

    static AddressCount CountOf(BigInteger number) => number == All ? AddressCount.PowerOfTwo(128) : AddressCount.Of((UInt128)number);
}
