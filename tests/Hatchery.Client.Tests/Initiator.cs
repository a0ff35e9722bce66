using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Client.Tests;

/// <summary>One connection of an initiator, one command at a time. Whatever is wrong with it is an <see cref="IOException"/>.</summary>
internal sealed class Initiator : IRemoteDisk
{
    private const int BlockBytes = 512;
    private const int Tag = 7;

    private readonly NetworkStream _stream;
    private readonly byte _lun;
    private uint _cmdSn = 1;
    private uint _expStatSn;

    private Initiator(NetworkStream stream, byte lun) => (_stream, _lun) = (stream, lun);

    /// <summary>Connects and logs in. The answer's status is the caller's to look at.</summary>
    /// <param name="open">Makes the socket, on the machine that it is to be on.</param>
    public static async Task<(Initiator Initiator, ushort Status)> LogInAsync(
        Func<Socket> open,
        EndPoint portal,
        CancellationToken cancellation,
        byte lun = 1
    )
    {
        var socket = open();
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(portal, cancellation);
            var initiator = new Initiator(new(socket, ownsSocket: true), lun);
            return (initiator, await initiator.LogInAsync(cancellation));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException("no connection", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects and logs in, by a socket of its own for each connection.</summary>
    public static async Task<IRemoteDisk> ConnectAsync(
        Func<Socket> open,
        EndPoint portal,
        CancellationToken cancellation
    )
    {
        var (initiator, status) = await LogInAsync(open, portal, cancellation);
        if (status == 0)
            return initiator;
        initiator.Dispose();
        throw new IOException($"login: status {status}");
    }

    public async Task WriteAsync(long offset, byte[] data, CancellationToken cancellation) =>
        await RunAsync(ScsiOpcode.Write10, (uint)(offset / BlockBytes), data.Length, data, cancellation);

    public async Task<byte[]> ReadAsync(long offset, int lengthBytes, CancellationToken cancellation) =>
        await RunAsync(ScsiOpcode.Read10, (uint)(offset / BlockBytes), lengthBytes, null, cancellation);

    public async Task FlushAsync(CancellationToken cancellation) =>
        await RunAsync(ScsiOpcode.SynchronizeCache10, 0, 0, null, cancellation);

    public void Dispose() => _stream.Dispose();

    private async Task<ushort> LogInAsync(CancellationToken cancellation)
    {
        var text = System.Text.Encoding.ASCII.GetBytes(
            $"InitiatorName=iqn.2026-01.test:client\0TargetName={PlainServer.Target}\0SessionType=Normal\0DefaultTime2Wait=0\0"
        );
        await SendAsync(
            new LoginRequestPdu(
                true,
                true,
                false,
                LoginStage.Operational,
                LoginStage.FullFeature,
                text.Length,
                0,
                0,
                new(1),
                0,
                Tag,
                0,
                _cmdSn,
                0
            ),
            text,
            cancellation
        );
        var (header, _) = await ReceiveAsync(cancellation);
        if (!LoginResponsePdu.TryRead(header, out var answer))
            throw new IOException("no answer to the login");
        if (answer is { Status: LoginStatus.Success, Transit: false })
            throw new InvalidOperationException("the target wants to negotiate, and this initiator cannot");
        _expStatSn = answer.Sequence.StatSn + 1;
        return answer.Status;
    }

    private async Task<byte[]> RunAsync(
        ScsiOpcode opcode,
        uint block,
        int lengthBytes,
        byte[]? immediate,
        CancellationToken cancellation
    )
    {
        var blocks = (ushort)(lengthBytes / BlockBytes);
        var cdb = new CommandBlock(
            ((ulong)opcode << 56) | ((ulong)block << 16) | (byte)(blocks >> 8),
            (ulong)(byte)blocks << 56
        );
        while (true)
        {
            await SendAsync(
                new ScsiCommand(
                    false,
                    true,
                    opcode == ScsiOpcode.Read10,
                    immediate is not null,
                    1,
                    immediate?.Length ?? 0,
                    (ulong)_lun << 48,
                    Tag,
                    (uint)lengthBytes,
                    _cmdSn++,
                    _expStatSn,
                    cdb
                ),
                immediate ?? [],
                cancellation
            );
            var (status, data) = await ResultAsync(lengthBytes, cancellation);
            if (status == 0)
                return data;
            // CHECK CONDITION: a new session is told once that the target has started.
            if (status != 2)
                throw new IOException($"{opcode}: status {status}");
        }
    }

    private async Task<(byte Status, byte[] Data)> ResultAsync(int lengthBytes, CancellationToken cancellation)
    {
        var data = new byte[lengthBytes];
        while (true)
        {
            var (header, body) = await ReceiveAsync(cancellation);
            if (ScsiResponse.TryRead(header, out var response))
            {
                _expStatSn = response.Sequence.StatSn + 1;
                return (response.Status, data);
            }
            if (!DataIn.TryRead(header, out var part))
                continue;
            body.CopyTo(data, (int)part.BufferOffset);
            if (!part.HasStatus)
                continue;
            _expStatSn = part.Sequence.StatSn + 1;
            return (part.Status, data);
        }
    }

    private async Task SendAsync<T>(T header, byte[] data, CancellationToken cancellation)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[PduHeader.SizeBytes + PduLayout.Padded(data.Length)];
        header.Write(bytes);
        data.CopyTo(bytes, PduHeader.SizeBytes);
        await _stream.WriteAsync(bytes, cancellation);
    }

    private async Task<(byte[] Header, byte[] Data)> ReceiveAsync(CancellationToken cancellation)
    {
        var header = new byte[PduHeader.SizeBytes];
        await _stream.ReadExactlyAsync(header, cancellation);
        var data = new byte[PduLayout.Padded(PduHeader.DataLength(header))];
        await _stream.ReadExactlyAsync(data, cancellation);
        return (header, data[..PduHeader.DataLength(header)]);
    }
}
