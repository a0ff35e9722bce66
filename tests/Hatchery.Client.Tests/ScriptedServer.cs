using System.Net;
using System.Net.Sockets;
using Hatchery.Wire.Iscsi;

namespace Hatchery.Client.Tests;

/// <summary>A server of the loopback that does with each connection what a test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Func<NetworkStream, CancellationToken, Task> _serve;
    private readonly Task _accepting;
    private int _connections;

    public ScriptedServer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Portal => (IPEndPoint)_listener.LocalEndpoint;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Answers every login with this status, and then waits for the end of the connection.</summary>
    public static ScriptedServer Answering(ushort status, string keys = "") =>
        new(
            async (stream, cancellation) =>
            {
                await ReceiveLoginAsync(stream, cancellation);
                await stream.WriteAsync(Answer(status, keys), cancellation);
                await stream.CopyToAsync(Stream.Null, cancellation);
            }
        );

    /// <summary>Returns the login's keys.</summary>
    public static async Task<string> ReceiveLoginAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var header = new byte[PduHeader.SizeBytes];
        await stream.ReadExactlyAsync(header, cancellation);
        var text = new byte[PduLayout.Padded(PduHeader.DataLength(header))];
        await stream.ReadExactlyAsync(text, cancellation);
        return System.Text.Encoding.ASCII.GetString(text);
    }

    public static byte[] Answer(ushort status, string keys = "")
    {
        var text = System.Text.Encoding.ASCII.GetBytes(keys);
        var pdu = new byte[PduHeader.SizeBytes + PduLayout.Padded(text.Length)];
        new LoginResponsePdu(
            status == 0,
            false,
            LoginStage.Operational,
            status == 0 ? LoginStage.FullFeature : LoginStage.Security,
            text.Length,
            0,
            0,
            new(1),
            1,
            7,
            default,
            status
        ).Write(pdu);
        text.CopyTo(pdu, PduHeader.SizeBytes);
        return pdu;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _accepting;
        _listener.Stop();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_over.Token);
                Interlocked.Increment(ref _connections);
                serving.RemoveAll(t => t.IsCompleted);
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await _serve(client.GetStream(), _over.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The relay has enough of it, or the test is over.
            }
        }
    }
}
