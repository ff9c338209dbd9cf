using FhirEmr.FhirServer.Storage;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.SqlServer;
using Hangfire.States;
using Microsoft.Extensions.Options;
using Npgsql;
using LogProvider = Hangfire.Logging.LogProvider;

namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>Hangfire, and the reconciler that gives it what is due: in the database's own storage on PostgreSQL and SQL Server, in memory on SQLite.</summary>
/// <remarks>
/// No fact lives in Hangfire alone (reliability R-31). Each minute the duties' rows say which of them is late, after a restart or because Hangfire forgot, and those
/// are begun; beginning one twice is harmless. It starts a moment after the server, which answers without it.
/// </remarks>
internal sealed partial class JobServer(Duties duties, DutyRunner runner, IOptions<StorageOptions> options, TimeZoneInfo zone, TimeProvider clock, ILoggerFactory logs, ILogger<JobServer> log)
    : Watch(TimeSpan.FromMinutes(1), clock, log)
{
    private const int Workers = 2;

    /// <summary>Two workers, the heartbeat, the schedulers and somebody looking at the dashboard.</summary>
    private const int PostgresPoolSize = 8;

    private const string Schema = "hangfire";

    private BackgroundJobServer? server;

    /// <summary>Null until it has started.</summary>
    public JobStorage? Storage { get; private set; }

    /// <summary>Begins a duty now, out of turn.</summary>
    /// <returns>False before Hangfire has started.</returns>
    public bool Begin(string duty)
    {
        if (Storage is not { } storage)
            return false;
        new BackgroundJobClient(storage).Create(JobOf(duty), new EnqueuedState());
        return true;
    }

    /// <summary>When Hangfire begins each duty the next time.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset?> Next()
    {
        if (Storage is not { } storage)
            return new Dictionary<string, DateTimeOffset?>();
        using var connection = storage.GetConnection();
        return Hangfire.Storage.StorageConnectionExtensions.GetRecurringJobs(connection)
            .ToDictionary(job => job.Id, job => job.NextExecution is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : (DateTimeOffset?)null);
    }

    protected override async Task TurnAsync(CancellationToken ct)
    {
        if (server is null)
            Start();
        foreach (var duty in duties.All)
        {
            var (_, since, isRunning) = await runner.StandingAsync(duty.Id, ct);
            if (!isRunning && Clock.GetUtcNow() - since > duty.Every * 1.5)
            {
                Late(log, duty.Id, since);
                Begin(duty.Id);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken); // a turn under way may be starting it
        if (server is null)
            return;
        server.SendStop();
        try
        {
            await server.WaitForShutdownAsync(cancellationToken);
            server.Dispose();
            (Storage as IDisposable)?.Dispose();
        }
        catch (OperationCanceledException)
        {
            // The time for stopping is over. What was cut short is begun again by its row.
        }
    }

    private static Job JobOf(string duty) => Job.FromExpression<DutyRunner>(runner => runner.RunAsync(duty, CancellationToken.None));

    private void Start()
    {
        LogProvider.SetCurrentLogProvider(new HangfireLog(logs.CreateLogger("Hangfire")));
        var storage = Open(options.Value);
        var recurring = new RecurringJobManager(storage);
        foreach (var duty in duties.All)
            recurring.AddOrUpdate(duty.Id, JobOf(duty.Id), duty.Cron, new RecurringJobOptions { TimeZone = zone, MisfireHandling = MisfireHandlingMode.Relaxed });
        using (var connection = storage.GetConnection())
            foreach (var gone in Hangfire.Storage.StorageConnectionExtensions.GetRecurringJobs(connection).Where(job => !duties.All.Any(duty => duty.Id == job.Id)))
                recurring.RemoveIfExists(gone.Id);
        server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                Activator = new DutyActivator(runner),
                WorkerCount = Workers,
                StopTimeout = TimeSpan.FromSeconds(5),
                ShutdownTimeout = TimeSpan.FromSeconds(15),
                FilterProvider = new JobFilterProviderCollection(new Retries()),
            }, storage);
        Storage = storage;
    }

    private static JobStorage Open(StorageOptions storage) => storage.Provider switch
    {
        StorageOptions.Postgres => new PostgreSqlStorage(
            new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(
                new NpgsqlConnectionStringBuilder(PostgresPool.Sized(storage.ConnectionString, PostgresPoolSize)) { ApplicationName = "fhir-emr jobs" }.ConnectionString,
                Postgres()), Postgres()),
        StorageOptions.SqlServer => new SqlServerStorage(storage.ConnectionString, new SqlServerStorageOptions
        {
            SchemaName = Schema,
            SlidingInvisibilityTimeout = TimeSpan.FromMinutes(5),
            QueuePollInterval = TimeSpan.FromSeconds(5),
            UseRecommendedIsolationLevel = true,
            DisableGlobalLocks = true,
        }),
        _ => new InMemoryStorage(),
    };

    private static PostgreSqlStorageOptions Postgres() => new() { SchemaName = Schema, QueuePollInterval = TimeSpan.FromSeconds(5), UseSlidingInvisibilityTimeout = true };

    [LoggerMessage(Level = LogLevel.Information, Message = "The duty {Id} was last begun at {Since}: it is late, and begun now")]
    private static partial void Late(ILogger log, string id, DateTimeOffset since);

    /// <summary>Every job is a call of the one runner.</summary>
    private sealed class DutyActivator(DutyRunner runner) : JobActivator
    {
        public override object ActivateJob(Type jobType) => jobType == typeof(DutyRunner) ? runner : throw new InvalidOperationException($"{jobType} is no work of this server.");
    }

    /// <summary>A duty comes again by itself: Hangfire shows that it failed and does not repeat it.</summary>
    private sealed class Retries : IJobFilterProvider
    {
        private static readonly JobFilter[] None = [new(new AutomaticRetryAttribute { Attempts = 0, LogEvents = false, OnAttemptsExceeded = AttemptsExceededAction.Fail }, JobFilterScope.Global, null)];

        public IEnumerable<JobFilter> GetFilters(Job job) => None;
    }
}
