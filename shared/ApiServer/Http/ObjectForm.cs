using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>In which form a client wants objects.</summary>
enum ObjectForm
{
    Whole,

    /// <summary>Rows and cells, for people.</summary>
    Table,

    /// <summary><c>PartialObjectMetadata</c>: nothing but the metadata.</summary>
    Metadata,
}

static class ObjectForms
{
    /// <summary>What the first part of <c>Accept</c> asks for that this server can write.</summary>
    public static ObjectForm Of(HttpRequest request)
    {
        foreach (var clause in request.Headers.Accept.ToString().Split(','))
        {
            var parts = clause.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/*" or "*/*")) continue;
            if (parts.Contains("as=Table")) return ObjectForm.Table;
            return parts.Contains("as=PartialObjectMetadata") || parts.Contains("as=PartialObjectMetadataList") ? ObjectForm.Metadata : ObjectForm.Whole;
        }

        return ObjectForm.Whole;
    }
}
