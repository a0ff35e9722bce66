using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    private static readonly SenseData s_dataOutError = new(SenseKey.AbortedCommand, 0x4705);

    private readonly LinkedList<ScsiTask> _waiting = new();
    private long _collectingBytes;
    private uint _lastTransferTag;

    /// <summary>Starts a command for which the initiator has to send something.</summary>
    private void Collect(in OpenCommand command, in ScsiPlan plan, in ScsiCommand pdu, Segment immediate)
    {
        var needed = (int)Math.Min(plan.OutLength, pdu.Writes ? command.ExpectedLength : 0);
        if (immediate.Length > command.ExpectedLength || (!pdu.Final && _parameters.InitialR2t))
        {
            Refuse(command, s_dataOutError);
            return;
        }
        if (immediate.Length >= needed)
        {
            Execute(command, plan, immediate with { Length = needed }, task: null);
            return;
        }
        var busy = !pdu.Final && _collectingBytes + needed > _surroundings.Window.CollectingBytes * 2;
        if (busy)
        {
            // What it goes on to send meets no task any more and is dropped.
            SendStatus(command, ScsiStatus.Busy, 0, plan.OutLength);
            return;
        }
        var task = Open(command, plan);
        task.Needed = needed;
        task.Received = immediate.Length;
        task.IsUnsolicited = !pdu.Final;
        immediate.Buffer.Retain();
        task.Data = immediate;
        if (task.IsUnsolicited || MayAdmit(task))
            Admit(task);
        else
            _waiting.AddLast(task);
    }

    private bool MayAdmit(ScsiTask task) => _waiting.Count == 0 && HasRoom(task);

    private bool HasRoom(ScsiTask task) =>
        _collectingBytes == 0 || _collectingBytes + task.Needed <= _surroundings.Window.CollectingBytes;

    private void AdmitWaiting()
    {
        while (_waiting.First is { Value: var task } && HasRoom(task))
        {
            _waiting.RemoveFirst();
            Admit(task);
        }
    }

    /// <summary>Gives the task a buffer for all of its data, and asks for what is missing.</summary>
    private void Admit(ScsiTask task)
    {
        task.IsAdmitted = true;
        _collectingBytes += task.Needed;
        var own = new Segment(PooledBuffer.Rent(task.Needed), 0, task.Needed);
        if (task.Data is { } immediate)
        {
            immediate.Span.CopyTo(own.Span);
            immediate.Release();
        }
        task.Data = own;
        task.Requested = task.Received;
        if (!task.IsUnsolicited)
            Request(task);
    }

    private void Request(ScsiTask task)
    {
        while (task.Bursts.Count < _parameters.MaxOutstandingR2t && task.Requested < task.Needed)
        {
            var length = Math.Min(_parameters.MaxBurst, task.Needed - task.Requested);
            var burst = new Burst(NextTransferTag(), task.Requested, length);
            task.AddBurst(burst);
            task.Requested += length;
            Emit(
                new ReadyToTransfer(
                    task.Command.Lun,
                    task.Command.TaskTag,
                    burst.TransferTag,
                    SameStatus(),
                    task.R2tSn++,
                    (uint)burst.Offset,
                    (uint)length
                )
            );
        }
    }

    private uint NextTransferTag()
    {
        if (++_lastTransferTag == PduHeader.NoTag)
            _lastTransferTag = 1;
        return _lastTransferTag;
    }

    private void OnDataOut(in DataOut pdu, ReadOnlySpan<byte> data)
    {
        // Data of a command that failed or was aborted is still under way and meets nobody.
        if (!_tasks.TryGetValue(pdu.TaskTag, out var task) || !task.IsAdmitted || task.Received >= task.Needed)
            return;
        var accepted =
            pdu.TransferTag == PduHeader.NoTag ? TakeUnsolicited(task, pdu, data) : TakeSolicited(task, pdu, data);
        if (!accepted)
        {
            Refuse(task.Command, s_dataOutError);
            Retire(task);
            return;
        }
        if (task.Received >= task.Needed)
        {
            task.IsUnsolicited = false;
            Execute(task.Command, task.Plan, task.Data!.Value, task);
        }
        else if (!task.IsUnsolicited)
        {
            Request(task);
        }
    }

    private bool TakeUnsolicited(ScsiTask task, in DataOut pdu, ReadOnlySpan<byte> data)
    {
        if (
            !task.IsUnsolicited
            || pdu.DataSn != task.UnsolicitedDataSn++
            || pdu.BufferOffset != task.Received
            || task.Received + data.Length > _parameters.FirstBurst
        )
            return false;
        Store(task, task.Received, data);
        task.Requested = task.Received;
        task.IsUnsolicited = !pdu.Final;
        return true;
    }

    private static bool TakeSolicited(ScsiTask task, in DataOut pdu, ReadOnlySpan<byte> data)
    {
        foreach (var burst in task.Bursts)
        {
            if (burst.TransferTag != pdu.TransferTag)
                continue;
            if (
                pdu.DataSn != burst.DataSn++
                || pdu.BufferOffset != burst.Offset + burst.Received
                || data.Length > burst.Length - burst.Received
            )
                return false;
            Store(task, burst.Offset + burst.Received, data);
            burst.Received += data.Length;
            if (burst.Received == burst.Length)
                task.RemoveBurst(burst);
            return burst.Received == burst.Length || !pdu.Final;
        }
        return false;
    }

    /// <summary>An initiator may send more than the command needs; that much is dropped.</summary>
    private static void Store(ScsiTask task, int at, ReadOnlySpan<byte> data)
    {
        task.Received += data.Length;
        var fits = Math.Clamp(task.Needed - at, 0, data.Length);
        data[..fits].CopyTo(task.Data!.Value.Span[at..]);
    }

    private void DropCollecting()
    {
        _waiting.Clear();
        foreach (var task in _tasks.Values.Where(t => !IsExecuting(t)).ToArray())
        {
            _tasks.Remove(task.Command.TaskTag);
            task.Clear();
        }
    }

    private static bool IsExecuting(ScsiTask task) => task.ExecutingBytes > 0 || task.Received >= task.Needed;
}
