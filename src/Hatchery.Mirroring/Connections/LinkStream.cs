namespace Hatchery.Mirroring;

/// <summary>
/// What lies between a socket and TLS. <see cref="System.Net.Security.SslStream"/> asks for every record of 16 KiB by itself, twice, and sends every other one by
/// itself; here all that has come is received at once, and what is written up to a flush is sent together. One reader and one writer at a time.
/// </summary>
internal sealed class LinkStream(Stream socket) : Stream
{
    private const int ReceiveBytes = 256 << 10;

    // Four times what TLS makes of 32 KiB at once.
    private const int SendBytes = 132 << 10;

    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBytes);
    private readonly byte[] _sending = GC.AllocateUninitializedArray<byte>(SendBytes);
    private int _used;
    private int _count;
    private int _waiting;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _used < _count ? new(Take(buffer.Span)) : ReceiveAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > SendBytes - _waiting)
            return SendAsync(buffer, cancellationToken);
        buffer.CopyTo(_sending.AsMemory(_waiting));
        _waiting += buffer.Length;
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _waiting == 0 ? Task.CompletedTask : SendAsync(default, cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        await socket.DisposeAsync();
        await base.DisposeAsync();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>TLS refuses so.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        socket.Write(_sending, 0, _waiting);
        _waiting = 0;
        socket.Write(buffer, offset, count);
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            socket.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (buffer.Length >= ReceiveBytes)
            return await socket.ReadAsync(buffer, cancellation);
        (_used, _count) = (0, 0);
        _count = await socket.ReadAsync(_received, cancellation);
        return Take(buffer.Span);
    }

    private int Take(Span<byte> to)
    {
        var count = Math.Min(to.Length, _count - _used);
        _received.AsSpan(_used, count).CopyTo(to);
        _used += count;
        return count;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> last, CancellationToken cancellation)
    {
        (var waiting, _waiting) = (_waiting, 0);
        if (waiting > 0)
            await socket.WriteAsync(_sending.AsMemory(0, waiting), cancellation);
        if (last.Length > SendBytes)
            await socket.WriteAsync(last, cancellation);
        else
            await WriteAsync(last, cancellation);
    }
}
