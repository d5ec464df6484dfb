using Federation.Edge;

namespace Federation.Tests.Load;

public sealed class MemoryReturnTests
{
    readonly VirtualTime time = new();
    int collections;
    int returns;

    [Fact]
    public void What_a_burst_of_work_left_is_given_back_once_when_it_is_over()
    {
        using var memory = Begin();

        for (var i = 0; i < 3; i++) Work(MemoryReturn.WorthIt);
        Assert.Equal(0, returns);

        for (var i = 0; i < 3; i++) Work(0);
        Assert.Equal(1, returns);

        Work(MemoryReturn.WorthIt);
        Work(0);
        Assert.Equal(2, returns);
    }

    [Fact]
    public void A_little_work_is_not_worth_it_until_it_has_added_up()
    {
        using var memory = Begin();

        for (var i = 1; i < MemoryReturn.WorthIt; i++)
        {
            Work(1);
            Work(0);
        }

        Assert.Equal(0, returns);

        Work(1);
        Work(0);
        Assert.Equal(1, returns);
    }

    MemoryReturn Begin() => new(time, () => collections, () =>
    {
        returns++;
        collections++; // as the one by which it is given back counts too
    });

    void Work(int collected)
    {
        collections += collected;
        time.Advance(MemoryReturn.LookEvery);
    }
}
