using System.Runtime.InteropServices;

namespace Federation.Domain.Addressing;

/// <summary>
/// The taken blocks of one root as a path-compressed binary trie: a leaf for each taken block, and a fork for the
/// smallest block around any two neighbours, so n blocks need n leaves and n - 1 forks whatever lies between them.
/// </summary>
/// <remarks>
/// What is free is what no leaf covers, and the buddies along the way from one node to the next are exactly the maximal
/// free blocks. Sizes are orders (2^order addresses), and a set of orders is a mask with bit "order" set. The way down
/// to a node is written in its network: where bit "order" is set the way goes up, and the free buddy lies below; where
/// it is clear, above. So a whole compressed way is searched with two bit operations. Each fork keeps the orders of the
/// free blocks inside it. A node is an index: 0 none, above 0 a leaf, below 0 a fork. Recursion is bounded by the 128
/// bits of an address.
/// </remarks>
sealed class BuddyTrie(Cidr root)
{
    const int None = 0;

    /// <summary>Packed: padding to 16-byte fields would cost a third more for each taken block.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    readonly record struct Leaf(UInt128 Network, byte Order);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    struct Fork
    {
        public UInt128 Network;
        public UInt128 FreeOrders;
        public int Lower;
        public int Upper;
        public byte Order;
    }

    readonly Slots<Leaf> leaves = new();
    readonly Slots<Fork> forks = new();

    /// <summary>Maximal free blocks by order.</summary>
    readonly int[] freeBlocks = OneOf(root.Order);
    int top = None;
    int changes;

    public int? LargestFreeOrder => top == None ? root.Order : FreeOrders == 0 ? null : Highest(FreeOrders);

    /// <summary>Only where something is taken: the order of the largest root, 128, is no bit of the mask.</summary>
    UInt128 FreeOrders => OrdersIn(top, root.Order);

    /// <summary>How many aligned blocks of this order are free; the order is at most the root's.</summary>
    public AddressCount FreeBlocks(int order)
    {
        if (top == None) return AddressCount.PowerOfTwo(root.Order - order);

        UInt128 sum = 0;
        for (var larger = order; larger < root.Order; larger++) sum += (UInt128)freeBlocks[larger] << (larger - order);
        return AddressCount.Of(sum);
    }

    /// <summary>Where a block of this order, at most the root's, would go.</summary>
    public bool TryFind(int order, PlacementStrategy strategy, out UInt128 network)
    {
        network = root.Network;
        if (top == None) return true;

        var fitting = FreeOrders & ~Cidr.Ones(order);
        if (fitting == 0) return false;

        network = FindLowest(strategy switch
        {
            PlacementStrategy.BestFit => UInt128.One << Lowest(fitting),
            PlacementStrategy.Sparse => UInt128.One << Highest(fitting),
            _ => fitting,
        });
        return true;
    }

    /// <summary>The lowest taken block that shares an address with <paramref name="block"/>.</summary>
    public bool TryFindOverlap(Cidr block, out Cidr overlap)
    {
        overlap = default;
        var node = Overlapping(block);
        if (node == None) return false;
        while (node < 0) node = forks[-node].Lower;
        overlap = BlockOf(node);
        return true;
    }

    public IEnumerable<Cidr> TakenIn(Cidr block)
    {
        var begun = changes;
        Stack<int> rest = new([Overlapping(block)]);
        while (rest.TryPop(out var node))
        {
            Invariant.Holds(begun == changes);
            if (node > 0) yield return BlockOf(node);
            if (node >= 0) continue;
            rest.Push(forks[-node].Upper);
            rest.Push(forks[-node].Lower);
        }
    }

    /// <summary>Takes a block, all of which is free.</summary>
    public void Insert(Cidr block)
    {
        top = Insert(top, root.Order, block);
        changes++;
    }

    /// <summary>Frees a block that is taken as exactly this block.</summary>
    public void Remove(Cidr block)
    {
        top = Remove(top, root.Order, block);
        changes++;
    }

    /// <summary>The node all taken blocks that overlap are below: one leaf around the block, or what lies inside it.</summary>
    int Overlapping(Cidr block)
    {
        var node = top;
        while (node < 0 && BlockOf(node) is var fork && fork != block && fork.Contains(block)) node = SideOf(node, block.Network);
        return node != None && BlockOf(node).Overlaps(block) ? node : None;
    }

    /// <summary>Network of the lowest maximal free block of one of these orders; there is one.</summary>
    UInt128 FindLowest(UInt128 orders)
    {
        var (node, within) = (top, root.Order);
        while (true)
        {
            var network = NetworkOf(node);
            var buddies = Way(within, OrderOf(node)) & orders;
            if ((buddies & network) is var below && below != 0) return network & ~Cidr.Ones(Highest(below) + 1);
            if ((FreeInside(node) & orders) == 0)
            {
                Invariant.Holds(buddies != 0);
                return Above(network, Lowest(buddies));
            }

            within = OrderOf(node) - 1;
            var lower = forks[-node].Lower;
            node = (OrdersIn(lower, within) & orders) != 0 ? lower : forks[-node].Upper;
        }
    }

    /// <summary>The buddy above, on the way to a network.</summary>
    static UInt128 Above(UInt128 network, int order) => (network & ~Cidr.Ones(order)) | (UInt128.One << order);

    /// <summary>A renewed node for <paramref name="node"/>, which stands alone in a block of order <paramref name="within"/>.</summary>
    int Insert(int node, int within, Cidr block)
    {
        if (node == None)
        {
            Split(within, block.Order);
            return leaves.Rent(new(block.Network, (byte)block.Order));
        }

        var meeting = 128 - (int)UInt128.LeadingZeroCount(NetworkOf(node) ^ block.Network);
        if (meeting > OrderOf(node)) return Join(node, meeting, block);

        // Inserting may move the forks: the index is looked up again after it.
        var half = OrderOf(node) - 1;
        if (IsUpper(block.Network, half))
        {
            var renewed = Insert(forks[-node].Upper, half, block);
            forks[-node].Upper = renewed;
        }
        else
        {
            var renewed = Insert(forks[-node].Lower, half, block);
            forks[-node].Lower = renewed;
        }

        Measure(-node);
        return node;
    }

    /// <summary>A fork of the order at which a node and a new block part.</summary>
    int Join(int node, int order, Cidr block)
    {
        var leaf = Insert(None, order - 1, block);
        var isUpper = IsUpper(block.Network, order - 1);
        var fork = forks.Rent(new()
        {
            Network = block.Network & ~Cidr.Ones(order),
            Order = (byte)order,
            Lower = isUpper ? node : leaf,
            Upper = isUpper ? leaf : node,
        });
        Measure(fork);
        return -fork;
    }

    int Remove(int node, int within, Cidr block)
    {
        if (node > 0)
        {
            Invariant.Holds(BlockOf(node) == block);
            leaves.Return(node);
            Merge(block.Order, within);
            return None;
        }

        // Removing moves no forks, so the reference stays good.
        var half = OrderOf(node) - 1;
        ref var fork = ref forks[-node];
        var isUpper = IsUpper(block.Network, half);
        var renewed = Remove(isUpper ? fork.Upper : fork.Lower, half, block);
        if (renewed == None)
        {
            forks.Return(-node);
            return isUpper ? fork.Lower : fork.Upper;
        }

        if (isUpper) fork.Upper = renewed;
        else fork.Lower = renewed;
        Measure(-node);
        return node;
    }

    /// <summary>A free block is halved until a smaller one is left over, and taken.</summary>
    void Split(int from, int to)
    {
        freeBlocks[from]--;
        for (var order = to; order < from; order++) freeBlocks[order]++;
    }

    void Merge(int from, int to)
    {
        for (var order = from; order < to; order++) freeBlocks[order]--;
        freeBlocks[to]++;
    }

    void Measure(int fork)
    {
        var half = forks[fork].Order - 1;
        forks[fork].FreeOrders = OrdersIn(forks[fork].Lower, half) | OrdersIn(forks[fork].Upper, half);
    }

    /// <summary>The orders of the free blocks in a block of order <paramref name="within"/> with one node in it.</summary>
    UInt128 OrdersIn(int node, int within) => Way(within, OrderOf(node)) | FreeInside(node);

    UInt128 FreeInside(int node) => node < 0 ? forks[-node].FreeOrders : 0;

    /// <summary>The orders of the buddies on the way down from one order to another.</summary>
    static UInt128 Way(int from, int to) => Cidr.Ones(from) & ~Cidr.Ones(to);

    UInt128 NetworkOf(int node) => node < 0 ? forks[-node].Network : leaves[node].Network;

    int OrderOf(int node) => node < 0 ? forks[-node].Order : leaves[node].Order;

    Cidr BlockOf(int node) => Cidr.Of(NetworkOf(node), root.Width - OrderOf(node), root.Width);

    int SideOf(int fork, UInt128 address) => IsUpper(address, OrderOf(fork) - 1) ? forks[-fork].Upper : forks[-fork].Lower;

    static bool IsUpper(UInt128 address, int half) => (address >> half & 1) != 0;

    static int Highest(UInt128 orders) => 127 - (int)UInt128.LeadingZeroCount(orders);

    static int Lowest(UInt128 orders) => (int)UInt128.TrailingZeroCount(orders);

    static int[] OneOf(int order)
    {
        var counts = new int[129];
        counts[order] = 1;
        return counts;
    }
}
