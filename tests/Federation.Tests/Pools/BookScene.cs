using System.Collections.Immutable;
using System.Globalization;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Edge;
using Federation.Resources;

namespace Federation.Tests.Pools;

/// <summary>An edge's book with one child pool, <c>web</c> with 10.0.0.0/28, and allocations as an API server tells of them.</summary>
sealed class BookScene : IBootClock
{
    public const string Pool = "web";

    public static readonly Cidr Root = Cidr.Parse("10.0.0.0/28");

    readonly Dictionary<string, IPAllocation> told = new(StringComparer.Ordinal);

    public BookScene(bool isOpen = true)
    {
        var leases = new LeaseBook(this);
        Book = new(leases, allocation => Bound.Contains(allocation.Name));
        Book.Displaced += (_, block) => Displaced.Add(block);
        if (isOpen) Open();
    }

    public LocalBook Book { get; }

    /// <summary>Names of the allocations whose claims say that they are theirs.</summary>
    public HashSet<string> Bound { get; } = new(StringComparer.Ordinal);

    public List<Cidr> Displaced { get; } = [];

    public PoolSpace Space => Book.Space(Pool)!;

    /// <summary>Its lease is confirmed.</summary>
    public void Open()
    {
        Book.Apply(null, new IPPool
        {
            Metadata = new() { Name = Pool, Uid = "pool", Annotations = ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.ClaimUidAnnotation, "lease-claim") },
            Spec = new() { ParentPoolRef = new() { Name = "root" } },
        });
        Book.Apply(null, new IPPoolClaim
        {
            Metadata = new() { Name = "block", Namespace = "team", Uid = "lease-claim" },
            Status = new() { BoundPoolName = Pool, Lease = new() { Id = "lease-0", Cidr = Root, Confirmed = true } },
        });
    }

    /// <summary>An allocation as the rules make it, written as the API server's so-manieth write.</summary>
    public static IPAllocation Allocation(string block, string claim, int version, string? name = null) => new()
    {
        Metadata = new() { Name = name ?? IPAllocation.NameOf(Pool, Cidr.Parse(block)), Uid = $"a{version}", ResourceVersion = version.ToString(CultureInfo.InvariantCulture) },
        Spec = new() { Cidr = Cidr.Parse(block), PoolRef = new() { Name = Pool }, ClaimRef = new() { Namespace = "team", Name = claim, Uid = $"uid-{claim}" } },
    };

    public void Tell(params ReadOnlySpan<IPAllocation> allocations)
    {
        foreach (var allocation in allocations)
        {
            Book.Apply(told.GetValueOrDefault(allocation.Name), allocation);
            told[allocation.Name] = allocation;
        }
    }

    public void TellGone(IPAllocation allocation)
    {
        Book.Apply(allocation, null);
        told.Remove(allocation.Name);
    }

    /// <summary>Why an allocation is set aside; null when it is not.</summary>
    public string? WhyAside(IPAllocation allocation) => Book.Quarantine.Inside.Where(entry => entry.Allocation.Name == allocation.Name).Select(static entry => entry.Why).FirstOrDefault();

    public string? HolderOf(string block) => Space.HolderOf(Cidr.Parse(block))?.Owner;

    /// <summary>Everything the book says, in words.</summary>
    public string Said => string.Join('\n', Space.Held().Select(static held => $"{held.Block} {held.Holder}").Order(StringComparer.Ordinal)
        .Concat(Book.Quarantine.Inside.Select(static entry => $"aside: {entry.Allocation.Name}")));

    ClockReading IBootClock.Read() => throw new NotSupportedException("nothing here asks for the time");
}
