using Federation.Domain.Leases;

namespace Federation.Tests.Domain;

/// <summary>How much of a term an edge may still use: never more than there is, whatever its calendar says.</summary>
public sealed class TermAnchorTests
{
    static readonly TimeSpan Term = TimeSpan.FromHours(168);

    static readonly ClockReading Sent = new("boot-1", TimeSpan.FromHours(50), LeaseScene.Start);

    readonly TermAnchor anchor = new(Sent, Term);

    [Theory]
    [InlineData(0, 168)]
    [InlineData(84, 84)]
    [InlineData(167, 1)]
    [InlineData(168, 0)]
    [InlineData(10_000, 0)]
    public void Within_one_run_of_the_machine_its_own_clock_counts_and_the_calendar_does_not(int hours, int left)
    {
        foreach (var years in new[] { 0, 10, -10 })
        {
            var now = new ClockReading("boot-1", Sent.SinceBoot + TimeSpan.FromHours(hours), Sent.Wall.AddYears(years));
            Assert.Equal(TimeSpan.FromHours(left), anchor.Left(now));
        }
    }

    [Theory]
    [InlineData(0, 168)]
    [InlineData(100, 68)]
    [InlineData(200, 0)]
    [InlineData(-1, 0)]
    public void Across_a_reboot_the_calendar_counts_and_one_that_went_back_leaves_nothing(int hours, int left)
    {
        Assert.Equal(TimeSpan.FromHours(left), anchor.Left(new ClockReading("boot-2", TimeSpan.FromHours(1), Sent.Wall.AddHours(hours))));
    }

    [Theory]
    [InlineData(83, false)]
    [InlineData(84, true)]
    [InlineData(500, true)]
    public void The_next_term_is_due_when_half_of_this_one_is_over(int hours, bool due)
    {
        Assert.Equal(due, anchor.IsDue(new ClockReading("boot-1", Sent.SinceBoot + TimeSpan.FromHours(hours), Sent.Wall)));
    }
}
