using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Space;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Storage.Space;

/// <summary>When clients may only read for want of room (reliability R-43).</summary>
public sealed class FreeSpaceTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(511, 1000, true)]
    [InlineData(512, 1000, false)]
    [InlineData(4_999, 100_000, true)]
    [InlineData(5_000, 100_000, false)]
    public void The_greater_of_512_MiB_and_5_percent_stays_free(long free, long total, bool isReadOnly) =>
        Assert.Equal(isReadOnly, Make(new StorageOptions(), new Disk { Room = new(free * MiB, total * MiB) }, new Clock()).IsReadOnly);

    [Fact]
    public void It_turns_and_returns_by_itself_and_measures_once_a_second()
    {
        var (disk, clock) = (new Disk { Room = new(600 * MiB, 1000 * MiB) }, new Clock());
        var space = Make(new StorageOptions(), disk, clock);
        Assert.False(space.IsReadOnly);

        disk.Room = new(10 * MiB, 1000 * MiB);
        Assert.False(space.IsReadOnly); // measured just now
        clock.Seconds++;
        Assert.True(space.IsReadOnly);
        Assert.True(space.IsReadOnly);
        Assert.Equal(2, disk.Asked);

        disk.Room = new(600 * MiB, 1000 * MiB);
        clock.Seconds++;
        Assert.False(space.IsReadOnly);
    }

    [Fact]
    public void A_disk_that_does_not_tell_changes_nothing()
    {
        var (disk, clock) = (new Disk { Room = new(10 * MiB, 1000 * MiB) }, new Clock());
        var space = Make(new StorageOptions(), disk, clock);
        Assert.True(space.IsReadOnly);

        disk.Room = null;
        clock.Seconds++;
        Assert.True(space.IsReadOnly);
    }

    [Fact]
    public void Without_limits_and_on_a_database_server_nothing_is_held_back()
    {
        var full = new Disk { Room = new(0, 1000 * MiB) };
        Assert.False(Make(new StorageOptions { MinFreeBytes = 0, MinFreePercent = 0 }, full, new Clock()).IsReadOnly);
        Assert.False(Make(new StorageOptions { Provider = StorageOptions.Postgres }, full, new Clock()).IsReadOnly);
    }

    [Fact]
    public void The_real_probe_reads_the_file_system()
    {
        var room = new DriveProbe().Measure(Path.GetTempPath());
        Assert.True(room is { Total: > 0 } && room.Value.Free <= room.Value.Total);
        Assert.Null(new DriveProbe().Measure("/no/such/folder"));
    }

    private static FreeSpace Make(StorageOptions options, Disk disk, Clock clock) => new(Options.Create(options), disk, clock, NullLogger<FreeSpace>.Instance);

    private sealed class Disk : IDiskProbe
    {
        public DiskRoom? Room { get; set; }

        public int Asked { get; private set; }

        public DiskRoom? Measure(string folder)
        {
            Asked++;
            return Room;
        }
    }

    private sealed class Clock : TimeProvider
    {
        public int Seconds { get; set; }

        public override long GetTimestamp() => Seconds * TimestampFrequency;
    }
}
