using System.Diagnostics;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>Clients that all start at once.</summary>
internal static class Crowd
{
    public const int Size = 32;

    /// <summary>Each client does its work; the answers in the order of the clients.</summary>
    public static async Task<T[]> RunAsync<T>(Func<int, Task<T>> client, int size = Size)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, size).Select(async i =>
        {
            await gate.Task;
            return await client(i);
        }).ToArray();
        gate.SetResult();
        return await Task.WhenAll(clients);
    }

    /// <summary>When an operation began and ended, on one clock for all clients.</summary>
    public static async Task<(T Answer, long From, long To)> TimedAsync<T>(Func<Task<T>> operation)
    {
        var from = Stopwatch.GetTimestamp();
        var answer = await operation();
        return (answer, from, Stopwatch.GetTimestamp());
    }
}
