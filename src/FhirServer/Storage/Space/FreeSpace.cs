using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Storage.Space;

/// <summary>Whether there is room to write. Below <see cref="StorageOptions.MinFreeBytes"/> clients may only read, until there is room again (reliability R-43).</summary>
/// <remarks>
/// Measured when asked, at most once a second, so that the answer follows the disk in both directions by itself. What the server does of its own (audit,
/// accepted jobs, billing) goes on in the room kept. A database server's disk cannot be measured from here: its own refusal (SQLSTATE 53100) becomes 507.
/// </remarks>
internal sealed partial class FreeSpace(IOptions<StorageOptions> options, IDiskProbe probe, TimeProvider clock, ILogger<FreeSpace> log)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly StorageOptions settings = options.Value;
    private readonly Lock gate = new();
    private long? measured;
    private bool isReadOnly;

    /// <summary>Clients may not write now.</summary>
    public bool IsReadOnly
    {
        get
        {
            if (settings.Provider != StorageOptions.Sqlite)
                return false;
            lock (gate)
            {
                if (measured is null || clock.GetElapsedTime(measured.Value) >= Fresh)
                    Measure();
                return isReadOnly;
            }
        }
    }

    private void Measure()
    {
        measured = clock.GetTimestamp();
        if (probe.Measure(settings.DataFolder) is not { } room)
            return;
        var limit = Math.Max(settings.MinFreeBytes, room.Total / 100 * settings.MinFreePercent);
        var isLow = room.Free < limit;
        if (isLow && !isReadOnly)
            Low(log, room.Free / 1024 / 1024, limit / 1024 / 1024);
        else if (!isLow && isReadOnly)
            Enough(log, room.Free / 1024 / 1024);
        isReadOnly = isLow;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Only {Free} MiB are free on the disk of the records and {Limit} MiB are to stay free (Storage:MinFreeBytes, Storage:MinFreePercent): clients can only read until there is room")]
    private static partial void Low(ILogger log, long free, long limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Free} MiB are free again on the disk of the records: clients can write")]
    private static partial void Enough(ILogger log, long free);
}
