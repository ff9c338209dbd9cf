using FhirEmr.FhirServer.Hosting.Edge;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>Range headers (RFC 9110 §14.1.2).</summary>
public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-", 0, 100)]
    [InlineData("bytes=90-200", 90, 100)]
    [InlineData("bytes=-10", 90, 100)]
    [InlineData("bytes=-1000", 0, 100)]
    [InlineData("BYTES=5-6", 5, 7)]
    public void One_range_is_read(string header, long from, long to) =>
        Assert.Equal(new ByteRange(from, to), ByteRange.Parse(header, 100, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=7-3")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("items=0-1")]
    [InlineData("bytes=99999999999999999999-")]
    [InlineData("bytes=--1")]
    public void Anything_else_means_the_whole(string? header)
    {
        Assert.Null(ByteRange.Parse(header, 100, out var isUnsatisfiable));
        Assert.False(isUnsatisfiable);
    }

    [Theory]
    [InlineData("bytes=100-", 100)]
    [InlineData("bytes=-0", 100)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=-5", 0)]
    public void What_lies_behind_the_end_cannot_be_given(string header, long size)
    {
        Assert.Null(ByteRange.Parse(header, size, out var isUnsatisfiable));
        Assert.True(isUnsatisfiable);
    }
}
