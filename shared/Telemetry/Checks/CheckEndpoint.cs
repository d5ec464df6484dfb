using System.Text;
using Microsoft.AspNetCore.Http;

namespace Federation.Telemetry;

/// <summary>
/// <c>/livez</c>, <c>/readyz</c> and <c>/healthz</c> as Kubernetes has them: <c>?verbose</c> tells of each check, <c>?exclude=name</c>
/// leaves one out, and <c>/readyz/name</c> is that check alone.
/// </summary>
public sealed class CheckEndpoint(IEnumerable<NamedCheck> checks)
{
    readonly List<NamedCheck> checks = [new("ping", CheckWeight.Live, static () => null), .. checks];

    /// <summary>Null for a path that is not about checks.</summary>
    public (int Code, string Text)? Answer(string path, IQueryCollection query)
    {
        var (root, name) = path.Split('/') switch
        {
            ["", var only] => (only, null),
            ["", var first, ""] => (first, null),
            ["", var first, var second] => (first, second),
            _ => ("", null),
        };
        if (root is not ("livez" or "readyz" or "healthz")) return null;
        var asked = checks.Where(check => root is not "livez" || check.Weight is CheckWeight.Live).ToList();
        return name is null ? All(root, asked, query) : asked.Find(check => check.Name == name) is { } one ? One(one) : (404, $"there is no check {name}\n");
    }

    static (int, string) One(NamedCheck check) => check.Trouble() is { } trouble ? (503, $"{check.Name} failed: {trouble}\n") : (200, "ok");

    static (int, string) All(string root, List<NamedCheck> asked, IQueryCollection query)
    {
        var text = new StringBuilder();
        var failed = false;
        foreach (var check in asked)
        {
            var isLeftOut = query["exclude"].Contains(check.Name);
            var trouble = isLeftOut ? null : check.Trouble();
            failed |= trouble is not null && check.Weight is not CheckWeight.Told;
            text.Append(Line(check, trouble, isLeftOut));
        }

        if (failed) return (503, $"{text}{root} check failed\n");
        return query.ContainsKey("verbose") ? (200, $"{text}{root} check passed\n") : (200, "ok");
    }

    static string Line(NamedCheck check, string? trouble, bool isLeftOut) => (trouble, isLeftOut) switch
    {
        (_, true) => $"[+]{check.Name} excluded: ok\n",
        (null, _) => $"[+]{check.Name} ok\n",
        (_, _) when check.Weight is CheckWeight.Told => $"[-]{check.Name} failed, and does not count: {trouble}\n",
        _ => $"[-]{check.Name} failed: {trouble}\n",
    };
}
