namespace Hatchery.Client.Tests;

/// <summary>A disk as a machine has it by either protocol. Whatever is wrong with its connection is an <see cref="IOException"/>.</summary>
internal interface IRemoteDisk : IDisposable
{
    Task WriteAsync(long offset, byte[] data, CancellationToken cancellation);

    Task FlushAsync(CancellationToken cancellation);

    Task<byte[]> ReadAsync(long offset, int lengthBytes, CancellationToken cancellation);
}
