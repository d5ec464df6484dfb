using System.Net;
using Federation.Domain.Addressing;
using Federation.Tests.Domain.Addressing;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain;

public sealed class CidrTextTests
{
    const string NoCidr = "must be an IPv4 or IPv6 CIDR, as 10.0.0.0/16 or 2001:db8::/48";

    static readonly Arbitrary<(uint A, uint B, uint C, uint D, uint Length, bool Four)> Blocks = (
        from a in Groups
        from b in Groups
        from c in Groups
        from d in Groups
        from length in Gen.Choose(0, 128)
        from four in Gen.Elements(true, false)
        select (a, b, c, d, (uint)length, four)).ToArbitrary();

    /// <summary>Thirty-two bits in which runs of zeros are frequent.</summary>
    static Gen<uint> Groups =>
        from value in Gen.Choose(int.MinValue, int.MaxValue)
        from mask in Gen.Elements(0u, 0xFFFFu, 0xFFFF0000u, 0xFFFFFFFFu, 0x000F000Fu)
        select (uint)value & mask;

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.0.0.0/8")]
    [InlineData("192.0.2.0/31")]
    [InlineData("255.255.255.255/32")]
    [InlineData("::/0")]
    [InlineData("::/128")]
    [InlineData("::1/128")]
    [InlineData("8000::/1")]
    [InlineData("2001:db8::/32")]
    [InlineData("2001:db8:0:1::/64")]
    [InlineData("2001:db8::1:0:0:1/128")]
    [InlineData("2001:0:0:1::/64")]
    [InlineData("2001:db8:0:1:1:1:1:1/128")]
    [InlineData("0:1:2:3:4:5:6:7/128")]
    [InlineData("1:2:3:4:5:6:7:0/128")]
    [InlineData("1:2:3:4:5:6::/112")]
    [InlineData("::1:2:3:4:5:6/128")]
    [InlineData("::ffff:0:0/96")]
    [InlineData("::ffff:102:304/128")]
    [InlineData("fe80::/10")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")]
    public void Canonical_text_is_read_and_written_alike(string text)
    {
        var read = Cidr.TryParse(text, out var block);

        Assert.True(read);
        Assert.Equal(text, block.ToString());
        Assert.Equal(text, $"{block}");
        Assert.Equal(block, Cidr.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("/")]
    [InlineData("/8")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0/8 ")]
    [InlineData("10.0.0.0 /8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/8\n")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+24")]
    [InlineData("10.0.0.0/0024")]
    [InlineData("10.0.0.0/2147483656")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/0x8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.00.0.0/8")]
    [InlineData("10.1/16")]
    [InlineData("10.0.0/24")]
    [InlineData("10.0.0.0.0/8")]
    [InlineData("10.0.0.0./8")]
    [InlineData(".10.0.0.0/8")]
    [InlineData("10..0.0/8")]
    [InlineData("256.0.0.0/8")]
    [InlineData("10.0.0.1000/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("167772160/8")]
    [InlineData("1\uFF10.0.0.0/8")]
    [InlineData("::/129")]
    [InlineData("2001:db8::/999")]
    [InlineData(":/0")]
    [InlineData(":::/0")]
    [InlineData("1::2::3/128")]
    [InlineData("1:2:3:4:5:6:7/128")]
    [InlineData("1:2:3:4:5:6:7:8:9/128")]
    [InlineData("1:2:3:4:5:6:7::8/128")]
    [InlineData(":1:2:3:4:5:6:7/128")]
    [InlineData("1:2:3:4:5:6:7:/128")]
    [InlineData("1:2:3:4:5:6:7:8:/128")]
    [InlineData("12345::/16")]
    [InlineData("g::/16")]
    [InlineData("+1::/16")]
    [InlineData("[::]/0")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("fe80::1%1/64")]
    [InlineData("fe80::%25eth0/64")]
    [InlineData("1.2.3.4::/32")]
    [InlineData("::1.2.3/128")]
    [InlineData("::01.2.3.4/128")]
    [InlineData("::1.2.3.4:5/128")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4/128")]
    public void Text_that_means_no_block_or_could_mean_two_is_refused(string text)
    {
        var read = Cidr.TryParse(text, out var block);

        Assert.False(read);
        Assert.True(block.IsDefault);
        Assert.Equal(NoCidr, CidrText.Explain(text));
        Assert.Equal(NoCidr, Assert.Throws<FormatException>(() => Cidr.Parse(text)).Message);
    }

    [Theory]
    [InlineData("10.0.0.0/024", "10.0.0.0/24")]
    [InlineData("10.0.0.0/08", "10.0.0.0/8")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("2001:0db8::/32", "2001:db8::/32")]
    [InlineData("2001:db8:0:0:0:0:0:0/32", "2001:db8::/32")]
    [InlineData("2001:db8:0::/48", "2001:db8::/48")]
    [InlineData("2001:db8::0:1/128", "2001:db8::1/128")]
    [InlineData("2001:db8::1:0:0:0/128", "2001:db8:0:0:1::/128")]
    [InlineData("2001:db8:0:0:1::1/128", "2001:db8::1:0:0:1/128")]
    [InlineData("2001:db8::1:1:1:1:1/128", "2001:db8:0:1:1:1:1:1/128")]
    [InlineData("0:0:0:0:0:0:0:0/0", "::/0")]
    [InlineData("::ffff:1.2.3.4/128", "::ffff:102:304/128")]
    [InlineData("::1.2.3.4/128", "::102:304/128")]
    [InlineData("64:ff9b::192.0.2.0/120", "64:ff9b::c000:200/120")]
    public void Another_spelling_is_refused_and_told_the_canonical_one(string text, string canonical)
    {
        var read = Cidr.TryParse(text, out _);

        Assert.False(read);
        Assert.Equal($"is not in canonical form; write {canonical}", CidrText.Explain(text));
        Assert.True(Cidr.TryParse(canonical, out _));
    }

    [Theory]
    [InlineData("10.0.0.5/24", "10.0.0.0/24")]
    [InlineData("10.0.0.0/7", "10.0.0.0/7")]
    [InlineData("255.255.255.255/0", "0.0.0.0/0")]
    [InlineData("10.0.0.1/31", "10.0.0.0/31")]
    [InlineData("::1/64", "::/64")]
    [InlineData("::1/127", "::/127")]
    [InlineData("FFFF::1/0", "::/0")]
    public void Host_bits_are_refused_and_told_the_block_they_lie_in(string text, string canonical)
    {
        var read = Cidr.TryParse(text, out _);

        Assert.Equal(text == canonical, read);
        if (!read) Assert.Equal($"has host bits set; the canonical form is {canonical}", CidrText.Explain(text));
    }

    [Fact]
    public void Nothing_longer_than_the_limit_is_looked_at()
    {
        var long64 = $"{new string('0', CidrText.InputMax - 4)}::/0";
        var long65 = $"0{long64}";

        Assert.False(Cidr.TryParse(long64, out _));
        Assert.False(Cidr.TryParse(long65, out _));
        Assert.Equal(NoCidr, CidrText.Explain(long65));
        Assert.False(Cidr.TryParse(new string('1', 1_000_000), out _));
    }

    [Fact]
    public void Every_block_reads_back_from_its_text_and_other_readers_agree()
    {
        Prop.ForAll(Blocks, drawn =>
        {
            var block = BlockOf(drawn);
            var text = block.ToString();
            var address = IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)]);

            Assert.True(text.Length <= Cidr.TextMax);
            Assert.True(Cidr.TryParse(text, out var read));
            Assert.Equal(block, read);
            Assert.Equal(block.Network, NumberOf(address));
            Assert.Equal(block.Width, address.GetAddressBytes().Length * 8);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Text_that_does_not_fit_is_not_written()
    {
        var block = Cidr.Parse("2001:db8:0:1::/64");
        var text = block.ToString();

        for (var room = 0; room < text.Length; room++) Assert.False(block.TryFormat(new char[room], out _, default, null));
        Assert.True(block.TryFormat(new char[text.Length], out var written, default, null));
        Assert.Equal(text.Length, written);
    }

    [Fact]
    public void No_block_says_so()
    {
        Cidr none = default;

        Assert.Equal("none", none.ToString());
        Assert.Equal("none", $"{none}");
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        string[] texts = ["10.20.30.0/24", "2001:db8:0:1::/64", "10.0.0.5/24", "2001:DB8::/32", "::ffff:1.2.3.4/128", "no block", "fe80::1%eth0/64"];
        var room = new char[Cidr.TextMax];
        Assert.Equal(200, ReadAndWrite(texts, room, times: 100));

        Assert.Equal(0, Allocation.Of(() => ReadAndWrite(texts, room, times: 100)));
    }

    static int ReadAndWrite(string[] texts, char[] room, int times)
    {
        var readable = 0;
        for (var time = 0; time < times; time++)
        {
            foreach (var text in texts)
            {
                if (Cidr.TryParse(text.AsSpan(), out var block) && block.TryFormat(room, out _, default, null)) readable++;
            }
        }

        return readable;
    }

    static Cidr BlockOf((uint A, uint B, uint C, uint D, uint Length, bool Four) drawn)
    {
        var number = new UInt128(((ulong)drawn.A << 32) | drawn.B, ((ulong)drawn.C << 32) | drawn.D);
        return drawn.Four ? Cidr.Of(drawn.A, (int)Math.Min(drawn.Length, 32), 32) : Cidr.Of(number, (int)drawn.Length, 128);
    }

    static UInt128 NumberOf(IPAddress address)
    {
        UInt128 number = 0;
        foreach (var octet in address.GetAddressBytes()) number = (number << 8) | octet;
        return number;
    }
}
