using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Tests.Storage;

public sealed class BellTests
{
    [Fact]
    public void It_wakes_whoever_looked_before_it_rang_and_nobody_after()
    {
        var bell = new Bell();
        bell.Ring();
        var (one, other) = (bell.Next, bell.Next);
        Assert.False(one.IsCompleted);
        bell.Ring();
        Assert.True(one.IsCompleted && other.IsCompleted);
        Assert.False(bell.Next.IsCompleted);
    }
}
