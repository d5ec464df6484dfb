using System.Globalization;
using Federation.Resources;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>What a client asks of a watch.</summary>
/// <param name="From">Tell what comes behind this revision; 0 for whatever is current.</param>
/// <param name="Begin">Whether to begin with an ADDED for each object there is.</param>
/// <param name="MarksBegin">Whether to say where those end: a watch list, KEP-3157.</param>
/// <param name="For">How long; a watch that names no limit ends after half an hour to an hour, so that many do not come back at once.</param>
sealed record WatchRequest(long From, bool Begin, bool MarksBegin, bool Bookmarks, TimeSpan For)
{
    const int SecondsMax = 3600;
    const int SecondsMin = 1800;
    const string Match = "resourceVersionMatch";

    /// <param name="draw">Draws a whole number from the first up to the second, which is left out.</param>
    public static WatchRequest Read(IQueryCollection query, Func<int, int, int> draw)
    {
        var from = query["resourceVersion"].ToString() is { Length: > 0 } text ? ObjectLists.ParseRevision(text) : 0;
        var begin = Flag(query, "sendInitialEvents");
        CheckMatch(query[Match].ToString(), begin is not null);
        var bookmarks = Flag(query, "allowWatchBookmarks") ?? false;
        return new(from, begin ?? from == 0, begin is true && bookmarks, bookmarks, Limit(query["timeoutSeconds"], draw));
    }

    static void CheckMatch(string match, bool saysBegin)
    {
        if (match.Length == 0 && !saysBegin) return;
        if (!saysBegin) throw ApiErrors.InvalidOptions(FieldError.Forbidden(Match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        if (match is not "NotOlderThan") throw ApiErrors.InvalidOptions(FieldError.Forbidden(Match, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }

    static bool? Flag(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var other => throw ApiErrors.BadRequest($"{name}: must be true or false", [FieldError.Unsupported(name, other, ["true", "false"])]),
    };

    static TimeSpan Limit(string? text, Func<int, int, int> draw)
    {
        if (text is null or "" or "0") return TimeSpan.FromSeconds(draw(SecondsMin, SecondsMax));
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(Math.Min(seconds, SecondsMax));
        throw ApiErrors.BadRequest("timeoutSeconds: must be a whole number of seconds", [FieldError.Invalid("timeoutSeconds", text, "must be a whole number of seconds")]);
    }
}
