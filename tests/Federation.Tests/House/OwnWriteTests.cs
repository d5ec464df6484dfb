namespace Federation.Tests.House;

/// <summary>
/// What the hub writes for itself waits for room in the queue: refused like a client's, it would end the loop it comes from,
/// and with it the hub.
/// </summary>
public sealed class OwnWriteTests
{
    [Fact]
    public void The_hub_never_writes_in_its_own_name_as_a_client_does() =>
        Assert.All(Repository.Files("*.cs").Where(static file => file.StartsWith("hub/", StringComparison.Ordinal)), static file =>
            Assert.DoesNotContain("store.WriteAsync(\"", Repository.Read(file), StringComparison.Ordinal));
}
