using Hangfire.Logging;
using HangfireLevel = Hangfire.Logging.LogLevel;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>What Hangfire says goes into the server's log, from warnings on.</summary>
internal sealed class HangfireLog(ILogger log) : ILogProvider, ILog
{
    public ILog GetLogger(string name) => this;

    public bool Log(HangfireLevel logLevel, Func<string>? messageFunc, Exception? exception = null)
    {
        var level = logLevel switch
        {
            HangfireLevel.Warn => Level.Warning,
            HangfireLevel.Error => Level.Error,
            HangfireLevel.Fatal => Level.Critical,
            _ => Level.Debug,
        };
        if (messageFunc is not null && log.IsEnabled(level))
            log.Log(level, exception, "{Message}", messageFunc());
        return log.IsEnabled(level);
    }
}
