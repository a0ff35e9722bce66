namespace Hatchery.Disks.Tests;

/// <summary>An image of nothing but zeroes.</summary>
internal sealed class ZeroBase(long lengthBytes) : IBlockReader
{
    public LayerId Layer { get; } = new(new Guid("00000000-0000-0000-0000-0000000000ff"));

    public long LengthBytes => lengthBytes;

    public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault)
    {
        fault = null;
        destination.Clear();
        return DiskStatus.Ok;
    }

    public void Dispose() { }
}
