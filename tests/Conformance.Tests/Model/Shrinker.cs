namespace FhirEmr.Conformance.Tests.Model;

/// <summary>Leaves out of a failing sequence what it fails without, large pieces first, so that what is left can be read.</summary>
internal static class Shrinker
{
    /// <param name="fails">Whether a part of the sequence still fails; asked so many times at most.</param>
    public static async Task<IReadOnlyList<T>> ShrinkAsync<T>(IReadOnlyList<T> steps, Func<IReadOnlyList<T>, Task<bool>> fails, int attempts)
    {
        var least = steps;
        for (var size = Math.Max(1, steps.Count / 2); ;)
        {
            var before = least.Count;
            for (var at = 0; at < least.Count && attempts > 0; attempts--)
            {
                T[] rest = [.. least.Take(at), .. least.Skip(at + size)];
                if (await fails(rest))
                    least = rest;
                else
                    at += size;
            }

            if (attempts == 0 || (size == 1 && least.Count == before))
                return least;
            size = Math.Max(1, size / 2);
        }
    }
}
