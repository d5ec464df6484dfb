namespace Federation.Simulation;

/// <summary>What people do and what befalls machines.</summary>
enum Deed
{
    FileClaim, WithdrawClaim, FilePoolClaim, WithdrawPoolClaim,
    HubClaim, HubWithdraw, Reserve, Unreserve,
    Cordon, Uncordon, Drain, Undrain, Revoke, DeleteLease, DeleteAllocation,
    KillHub, KillApi, KillAgent, PauseHub, PauseAgent, RebootEdge,
    CutThere, CutBack, CutBoth, SlowLine, LoseSome, DoubleSome, DiskTrouble,
    JumpHubClock, JumpEdgeClock,
    BackUpHub, RestoreHub,
}

/// <summary>One thing that happens, drawn before the world begins: a failing world is replayed without some of them to find those that matter.</summary>
/// <param name="Number">Names it in the command that replays a world.</param>
/// <param name="Draw">A number from 0 to 1 for whatever the deed leaves open.</param>
readonly record struct Happening(int Number, TimeSpan At, Deed Deed, int Site, double Draw, TimeSpan Lasting)
{
    public override string ToString() => $"{Number}: {At:hh\\:mm\\:ss\\.fff} {Deed} site {Site} {Draw:0.00} for {Lasting.TotalSeconds:0} s";
}
