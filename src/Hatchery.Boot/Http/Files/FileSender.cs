using System.Net.Sockets;
using Hatchery.Boot.Files;

namespace Hatchery.Boot.Http;

/// <summary>Sends bytes of files by sendfile(2), which .NET uses for a packet that is named by a file's path.</summary>
internal sealed class FileSender(Socket socket) : IDisposable
{
    private readonly SocketAsyncEventArgs _operation = new();

    /// <param name="head">Goes first.</param>
    /// <exception cref="SocketException">The other end is gone.</exception>
    public async Task SendAsync(byte[] head, BootContent? content, long offset, int count)
    {
        // The file that is open, whatever its name means by now.
        var bytes =
            content is not null && count > 0
                ? new SendPacketsElement($"/proc/self/fd/{content.Handle.DangerousGetHandle()}", offset, count)
                : null;
        _operation.SendPacketsElements = (head.Length, bytes) switch
        {
            (0, { } file) => [file],
            (_, { } file) => [new SendPacketsElement(head), file],
            _ => [new SendPacketsElement(head)],
        };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnDone(object? sender, SocketAsyncEventArgs operation) => done.SetResult();
        _operation.Completed += OnDone;
        try
        {
            if (socket.SendPacketsAsync(_operation))
                await done.Task;
        }
        finally
        {
            _operation.Completed -= OnDone;
        }
        if (_operation.SocketError != SocketError.Success)
            throw new SocketException((int)_operation.SocketError);
    }

    public void Dispose() => _operation.Dispose();
}
