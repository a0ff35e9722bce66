using System.Net;
using System.Net.Sockets;
using Hatchery.Streaming.Tests.Iscsi;
using Hatchery.Testing;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Nbd;
using Hatchery.Wire.Scsi;
using Xunit.Abstractions;

namespace Hatchery.Streaming.Tests;

/// <summary>Whole connections of hostile bytes: the server ends each of them, keeps serving others, and gives every session back.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Connections = 150;

    [Fact]
    public async Task Hostile_NBD_connections_end_and_harm_nobody()
    {
        var random = Seed.New(output);
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(1024 * 1024));
        for (var i = 0; i < Connections; i++)
            await AttackAsync(rig.Nbd.BoundEndPoint!, Mutate(random, NbdDialogue()));
        await AllGoneAsync(rig);
        using var client = await Nbd.NbdTestClient.ConnectAsync(rig, "root");
        await client.RequestAsync(NbdCommand.Read, 1, 0, 512);
        Assert.Equal(NbdError.None, (await client.ReplyAsync()).Error);
    }

    [Fact]
    public async Task Hostile_iSCSI_connections_end_and_harm_nobody()
    {
        var random = Seed.New(output);
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(1024 * 1024));
        for (var i = 0; i < Connections; i++)
            await AttackAsync(rig.Iscsi.BoundEndPoint!, Mutate(random, IscsiDialogue()));
        await AllGoneAsync(rig);
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.ReadAsync(1, 0, 1);
        Assert.Equal(IscsiOpcode.DataIn, (await client.ReceiveAsync()).Opcode);
    }

    private static async Task AttackAsync(IPEndPoint server, byte[] bytes)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server);
        var stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync(bytes);
            tcp.Client.Shutdown(SocketShutdown.Send);
            var rest = new byte[65_536];
            while (await stream.ReadAsync(rest).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) > 0) { }
        }
        catch (Exception reset) when (reset is IOException or SocketException)
        {
            // Being thrown out is what is expected.
        }
    }

    private static async Task AllGoneAsync(Rig rig)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (rig.Nbd.ConnectionCount + rig.Iscsi.ConnectionCount + rig.Gate.OpenSessions > 0)
            await Task.Delay(10, limit.Token);
    }

    private static byte[] Mutate(Random random, List<byte[]> dialogue)
    {
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(4096)];
            random.NextBytes(noise);
            return noise;
        }
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(1, dialogue.Count);
            switch (random.Next(4))
            {
                case 0:
                    dialogue.Insert(at, dialogue[random.Next(dialogue.Count)]);
                    break;
                case 1:
                    dialogue[at] = dialogue[at][..random.Next(1, dialogue[at].Length)];
                    break;
                default:
                    dialogue[at] = [.. dialogue[at]];
                    dialogue[at][random.Next(dialogue[at].Length)] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. dialogue.SelectMany(b => b)];
    }

    private static List<byte[]> NbdDialogue()
    {
        var name = new NbdInfoRequest("root", [NbdInfoType.Name]).ToBytes();
        return
        [
            Bytes(new NbdClientHello(NbdClientFlags.FixedNewstyle)),
            Bytes(new NbdOptionHeader(NbdOption.List, 0)),
            [.. Bytes(new NbdOptionHeader(NbdOption.Info, (uint)name.Length)), .. name],
            [.. Bytes(new NbdOptionHeader(NbdOption.Go, (uint)name.Length)), .. name],
            Bytes(new NbdRequest(NbdCommandFlags.None, NbdCommand.Read, 1, 0, 65_536)),
            [
                .. Bytes(new NbdRequest(NbdCommandFlags.ForceUnitAccess, NbdCommand.Write, 2, 512, 512)),
                .. new byte[512],
            ],
            Bytes(new NbdRequest(NbdCommandFlags.None, NbdCommand.WriteZeroes, 3, 0, 4096)),
            Bytes(new NbdRequest(NbdCommandFlags.None, NbdCommand.Flush, 4, 0, 0)),
            Bytes(new NbdRequest(NbdCommandFlags.None, NbdCommand.Disconnect, 5, 0, 0)),
        ];
    }

    private static List<byte[]> IscsiDialogue()
    {
        var text = IscsiTestClient.Text(
            $"InitiatorName=iqn.test:me\nTargetName={IscsiTestClient.Target}\nMaxBurstLength=1024\nImmediateData=Yes"
        );
        text = [.. text, .. new byte[PduLayout.Padded(text.Length) - text.Length]];
        var login = new LoginRequestPdu(
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
            7,
            0,
            1,
            0
        );
        return
        [
            [.. Bytes(login), .. text],
            Bytes(Command(10, 1, ScsiOpcode.Read10, 0, 64, reads: true)),
            [
                .. Bytes(Command(11, 2, ScsiOpcode.Write10, 8, 1, reads: false) with { DataLength = 512 }),
                .. new byte[512],
            ],
            Bytes(Command(12, 3, ScsiOpcode.Write10, 16, 4, reads: false)),
            [.. Bytes(new DataOut(true, 1024, 0, 12, 1, 0, 0, 0)), .. new byte[1024]],
            Bytes(new NopOut(true, 0, 0, 13, PduHeader.NoTag, 4, 0)),
            Bytes(new TaskManagementRequest(true, TaskFunction.AbortTask, 0, 14, 12, 4, 0, 3, 0)),
            Bytes(new TextRequest(false, true, false, 0, 0, 15, PduHeader.NoTag, 4, 0)),
            Bytes(new LogoutRequest(true, LogoutReason.CloseSession, 16, 0, 5, 0)),
        ];
    }

    private static ScsiCommand Command(uint tag, uint cmdSn, ScsiOpcode opcode, uint lba, ushort blocks, bool reads) =>
        new(
            false,
            true,
            reads,
            !reads,
            1,
            0,
            0,
            tag,
            blocks * 512u,
            cmdSn,
            0,
            IscsiTestClient.Cdb10(opcode, lba, blocks)
        );

    private static byte[] Bytes<T>(T element)
        where T : struct, Wire.IFixedWire<T>
    {
        var bytes = new byte[T.SizeBytes];
        element.Write(bytes);
        return bytes;
    }
}
