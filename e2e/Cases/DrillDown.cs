using System.Text.RegularExpressions;

namespace Federation.E2E;

/// <summary>
/// The way from the fleet down to a claim, as the guide shows it: four commands, and what they print. Ages, uids and
/// made-up names are replaced by ones of the same length that stay the same.
/// </summary>
static partial class DrillDown
{
    const string Conditions = "-o 'jsonpath={range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{\"\\n\"}{end}'";

    /// <param name="hub">Talks to the hub.</param>
    /// <param name="edge">Talks to edge east.</param>
    /// <param name="ns">Where the claims are.</param>
    public static async Task<IReadOnlyList<string>> SeenAsync(Kubectl hub, Kubectl edge, string ns) =>
    [
        await StepAsync(hub, "$HUB", "get federations"),
        await StepAsync(hub, "$HUB", $"get edge east {Conditions}"),
        await StepAsync(edge, "$EAST", "get ippools -o wide"),
        await StepAsync(edge, "$EAST", $"get ipclaims -n {ns} -o wide"),
    ];

    static async Task<string> StepAsync(Kubectl kubectl, string address, string command) =>
        $"$ kubectl -s {address} {command}\n{Settled(await kubectl.RunAsync(command))}";

    static string Settled(string said) => string.Join('\n', Names().Replace(Ages().Replace(said, static age => "1m".PadRight(age.Length)), static name => $"{name.Groups[1].Value}-{"0a1b2c3d4e"[..name.Groups[2].Length]}")
        .Split('\n').Select(static line => line.TrimEnd()));

    [GeneratedRegex(@"(?<=\s)[0-9]+(s|m|m[0-9]+s)(?=\s)")]
    private static partial Regex Ages();

    [GeneratedRegex(@"\b(web|east|west)-([0-9a-f]{5,10})\b")]
    private static partial Regex Names();
}
