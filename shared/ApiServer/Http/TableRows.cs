using Federation.Resources;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>What of its object a table's row carries beside the cells, as <c>includeObject</c> asks for.</summary>
enum TableRows
{
    Metadata,

    /// <summary>The whole object, as kubectl wants it where it sorts.</summary>
    Object,

    None,
}

static class TableRowsQuery
{
    public static TableRows Of(HttpRequest request) => request.Query["includeObject"].ToString() switch
    {
        "" or "Metadata" => TableRows.Metadata,
        "Object" => TableRows.Object,
        "None" => TableRows.None,
        var other => throw ApiErrors.BadRequest("includeObject: must be None, Metadata or Object", [FieldError.Invalid("includeObject", other, "must be None, Metadata or Object")]),
    };
}
