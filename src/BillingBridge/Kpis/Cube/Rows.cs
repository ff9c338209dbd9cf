namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>Rows of many owners in one array, each owner's together. An owner that grows gets a new place; old places are swept when half is waste.</summary>
internal sealed class Rows<T>
    where T : struct
{
    private T[] rows = new T[1024];
    private int count;
    private int waste;

    /// <summary>Half of a larger table is places nobody uses.</summary>
    public bool IsWasteful => waste > 100_000 && waste > count / 2;

    public ReadOnlySpan<T> Of(int start, int length) => rows.AsSpan(start, length);

    public int Add(ReadOnlySpan<T> added)
    {
        if (count + added.Length > rows.Length)
            Array.Resize(ref rows, Math.Max(rows.Length * 2, count + added.Length));
        added.CopyTo(rows.AsSpan(count));
        count += added.Length;
        return count - added.Length;
    }

    /// <summary>Puts an owner's rows where they were if they still fit, else at the end; returns where.</summary>
    public int Replace(int start, int length, ReadOnlySpan<T> added)
    {
        if (added.Length > length)
        {
            waste += length;
            return Add(added);
        }

        added.CopyTo(rows.AsSpan(start));
        waste += length - added.Length;
        return start;
    }
}
