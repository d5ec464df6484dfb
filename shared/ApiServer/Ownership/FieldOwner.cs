using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Who owns fields: one manager, in one way, through one door of the object.</summary>
/// <param name="Subresource">Empty for the object itself.</param>
readonly record struct FieldOwner(string Manager, ManagedFieldsOperation Operation, string ApiVersion, string Subresource)
{
    /// <summary>As a conflict names it.</summary>
    public override string ToString()
    {
        var name = JsonSerializer.Serialize(Manager, ResourceJson.Lenient);
        var through = Subresource.Length > 0 ? $"{name} with subresource \"{Subresource}\"" : name;
        return Operation is ManagedFieldsOperation.Update ? $"{through} using {ApiVersion}" : through;
    }
}
