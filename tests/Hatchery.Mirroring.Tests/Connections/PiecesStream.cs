namespace Hatchery.Mirroring.Tests;

/// <summary>Bytes that come in pieces of any size; what is written goes nowhere.</summary>
internal sealed class PiecesStream(byte[] bytes, Random random) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(
            buffer[..Math.Min(buffer.Length, random.Next(3) == 0 ? random.Next(1, 40) : random.Next(1, 300_000))],
            cancellationToken
        );

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        default;
}
