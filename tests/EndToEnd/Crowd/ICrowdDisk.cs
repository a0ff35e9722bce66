namespace EndToEnd;

/// <summary>The disk that a machine has after its login, one request at a time, as firmware does.</summary>
internal interface ICrowdDisk : IAsyncDisposable
{
    /// <param name="offset">In bytes, a multiple of 512, as is the length.</param>
    Task ReadAsync(long offset, Memory<byte> into, CancellationToken cancellation);

    Task WriteAsync(long offset, ReadOnlyMemory<byte> from, CancellationToken cancellation);

    /// <summary>Done when everything that was written is durable.</summary>
    Task FlushAsync(CancellationToken cancellation);

    /// <summary>Done when the server has closed the connection, or sends something that was not asked for.</summary>
    Task UntilHeardAsync(CancellationToken cancellation);
}

/// <summary>A request was answered by an error: an operating system would have seen an I/O error.</summary>
internal sealed class RequestFailedException(string message) : IOException(message);
