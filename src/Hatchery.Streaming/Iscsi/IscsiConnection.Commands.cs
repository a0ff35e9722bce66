using System.Net;
using Hatchery.Disks;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    /// <summary>Immediate commands take no number, so the window does not bound them.</summary>
    private const int MaxImmediateTasks = 32;

    private readonly Dictionary<uint, ScsiTask> _tasks = [];
    private readonly Stack<ScsiTask> _spareTasks = new();
    private readonly GatheredWrites _gathered = new();

    internal ILogger LoggerOfTasks => Logger;

    internal IPEndPoint RemoteOfTasks => Remote;

    private void OnCommand(in ScsiCommand pdu, Segment data)
    {
        if (!TakeNumber(pdu.Immediate, pdu.CmdSn))
            return;
        var command = OpenCommand.Of(pdu);
        if (command.IsNumbered)
            _openCommands++;
        var overflows = pdu.Immediate && _tasks.Count >= _surroundings.Window.Commands + MaxImmediateTasks;
        if (_unit is null || overflows || _tasks.ContainsKey(pdu.TaskTag))
        {
            Close(command);
            RejectCommand(pdu, overflows);
            return;
        }
        var plan = _unit.Plan(pdu.Cdb, pdu.Lun);
        // These carry exactly one thing; more or less of it is a mistake that must not reach the disk.
        var isExact = plan.Action is ScsiAction.WriteSame or ScsiAction.CompareAndWrite;
        if (plan.Action == ScsiAction.Refuse)
            Refuse(command, plan.Sense);
        else if (isExact && command.ExpectedLength != plan.OutLength)
            Refuse(command, SenseData.InvalidFieldInCdb);
        else if (plan.OutLength > 0)
            Collect(command, plan, pdu, data);
        else
            Execute(command, plan, default, task: null);
    }

    private void RejectCommand(in ScsiCommand pdu, bool overflows)
    {
        Span<byte> header = stackalloc byte[PduHeader.SizeBytes];
        pdu.Write(header);
        var reason =
            overflows ? RejectReason.ImmediateCommandReject
            : _unit is null ? RejectReason.ProtocolError
            : RejectReason.TaskInProgress;
        SendReject(reason, header);
    }

    /// <param name="data">What the initiator sent; the task's own, or the frame's, which is kept only if the disk takes its time.</param>
    private void Execute(in OpenCommand command, in ScsiPlan plan, Segment data, ScsiTask? task)
    {
        if (plan.Action == ScsiAction.Answer)
        {
            SendAnswer(command, plan.Data ?? []);
            Retire(task);
            return;
        }
        DataInReply? dataIn = null;
        ValueTask<DiskStatus> answer;
        if (plan.Action == ScsiAction.Read)
        {
            var send = (int)Math.Min(plan.Length, command.Reads ? command.ExpectedLength : 0);
            if (send == 0)
            {
                SendStatus(command, ScsiStatus.Good, 0, plan.Length);
                return;
            }
            var block = _session!.Disk.BlockSizeBytes;
            var read = (send + block - 1) / block * block;
            var reply = new DataInReply(Output, read, send, _parameters);
            dataIn = reply;
            answer = Call(plan, reply.Data, default, null);
        }
        else if (
            plan.Action is ScsiAction.WriteSame or ScsiAction.Compare or ScsiAction.CompareAndWrite or ScsiAction.Unmap
        )
        {
            task = Keep(task, command, plan, data);
            answer = Call(plan, default, data.Memory, task);
        }
        else
        {
            if (plan.Action == ScsiAction.Write && HasMore)
                _gathered.Begin(_session!.Disk);
            answer = Call(plan, default, data.Buffer is null ? default : data.Memory, null);
        }
        if (DiskAnswer.TryTake(answer, out var status))
        {
            Conclude(command, plan, dataIn, status, task?.OtherSense ?? default, isAborted: false);
            Retire(task);
            return;
        }
        task = Keep(task, command, plan, data);
        task.DataIn = dataIn;
        task.ExecutingBytes = (dataIn?.Room.Length ?? 0) + (data.Buffer is null ? 0 : data.Length);
        ExecutingBytes += task.ExecutingBytes;
        ExecutingRequests++;
        _gathered.Watch(task, answer);
    }

    protected override void OnServed() => _gathered.End();

    private ValueTask<DiskStatus> Call(in ScsiPlan plan, Memory<byte> target, ReadOnlyMemory<byte> data, ScsiTask? task)
    {
        var disk = _session!.Disk;
        try
        {
            switch (plan.Action)
            {
                case ScsiAction.Read:
                    return disk.ReadAsync(plan.Offset, target);
                case ScsiAction.Write:
                    // Where the initiator sends less than its command says, whole blocks of it are written.
                    var whole = data.Length - (data.Length % disk.BlockSizeBytes);
                    return whole == 0
                        ? ValueTask.FromResult(DiskStatus.Ok)
                        : disk.WriteAsync(plan.Offset, data[..whole], plan.ForceUnitAccess);
                case ScsiAction.Zero:
                    return disk.ZeroAsync(plan.Offset, plan.Length, plan.ForceUnitAccess);
                case ScsiAction.Unmap when UnmapList.TryRead(data.Span, out var ranges):
                    return SlowCommands.UnmapAsync(disk, ranges);
                case ScsiAction.Unmap:
                    task!.OtherSense = SenseData.InvalidFieldInParameterList;
                    return ValueTask.FromResult(DiskStatus.Ok);
                case ScsiAction.WriteSame
                or ScsiAction.Compare
                or ScsiAction.CompareAndWrite when data.Length < plan.OutLength:
                    task!.OtherSense = SenseData.InvalidFieldInCdb;
                    return ValueTask.FromResult(DiskStatus.Ok);
                case ScsiAction.WriteSame:
                    return SlowCommands.WriteSameAsync(disk, plan.Offset, plan.Length, data);
                case ScsiAction.Compare:
                    return SlowCommands.CompareAsync(
                        disk,
                        plan.Offset,
                        plan.Length,
                        data,
                        () => task!.OtherSense = SenseData.MiscompareDuringVerify
                    );
                case ScsiAction.CompareAndWrite:
                    return SlowCommands.CompareAndWriteAsync(
                        disk,
                        plan,
                        data,
                        () => task!.OtherSense = SenseData.MiscompareDuringVerify
                    );
                default:
                    return disk.FlushAsync();
            }
        }
        // A store's exception is this command's failure, not the connection's.
        catch (Exception failure)
        {
            return ValueTask.FromException<DiskStatus>(failure);
        }
    }

    internal void Executed(ScsiTask task, DiskStatus status)
    {
        ExecutingBytes -= task.ExecutingBytes;
        ExecutingRequests--;
        Conclude(task.Command, task.Plan, task.DataIn, status, task.OtherSense, task.IsAborted);
        Retire(task);
    }

    /// <summary>Another server has the device, or is to have it: an answer would be for a disk that is not the device's any more.</summary>
    private bool IsOver(DiskStatus status) =>
        status == DiskStatus.Fenced || (status == DiskStatus.IoError && _session!.GoesOnElsewhere);

    private void Conclude(
        in OpenCommand command,
        in ScsiPlan plan,
        DataInReply? dataIn,
        DiskStatus status,
        SenseData otherSense,
        bool isAborted
    )
    {
        var silent = isAborted || State == EngineState.Aborted;
        var sense = status == DiskStatus.Ok ? otherSense : ScsiErrors.Of(status, plan.Action == ScsiAction.Read);
        if (dataIn is { } reply && (silent || sense != SenseData.None))
            reply.Room.Release();
        if (IsOver(status) && State != EngineState.Aborted)
        {
            Log.Fenced(Logger, Remote);
            Abort();
        }
        else if (silent)
        {
            Close(command);
        }
        else if (sense != SenseData.None)
        {
            Refuse(command, sense);
        }
        else if (dataIn is { } data)
        {
            SendData(command, data, plan.Length);
        }
        else
        {
            SendStatus(command, ScsiStatus.Good, 0, plan.OutLength);
        }
    }

    private void SendAnswer(in OpenCommand command, byte[] bytes)
    {
        var send = (int)Math.Min(bytes.Length, command.Reads ? command.ExpectedLength : 0);
        if (send == 0)
        {
            SendStatus(command, ScsiStatus.Good, 0, bytes.Length);
            return;
        }
        var reply = new DataInReply(Output, send, send, _parameters);
        bytes.AsSpan(0, send).CopyTo(reply.Data.Span);
        SendData(command, reply, bytes.Length);
    }

    /// <summary>The last PDU carries the status, so that no response follows.</summary>
    private void SendData(in OpenCommand command, in DataInReply reply, long wanted)
    {
        Close(command);
        reply.Send(
            Output,
            _parameters,
            (Connection: this, Command: command, Residual: command.ExpectedLength - wanted),
            static (s, stretch) =>
                new DataIn(
                    stretch.EndsBurst,
                    Overflow: stretch.IsLast && s.Residual < 0,
                    Underflow: stretch.IsLast && s.Residual > 0,
                    HasStatus: stretch.IsLast,
                    stretch.Length,
                    Lun: 0,
                    Status: 0,
                    s.Command.TaskTag,
                    PduHeader.NoTag,
                    stretch.IsLast ? s.Connection.NextStatus() : s.Connection.SameStatus() with { StatSn = 0 },
                    (uint)stretch.Number,
                    (uint)stretch.Offset,
                    stretch.IsLast ? (uint)Math.Min(Math.Abs(s.Residual), uint.MaxValue) : 0
                )
        );
    }

    private ScsiTask Keep(ScsiTask? task, in OpenCommand command, in ScsiPlan plan, Segment data)
    {
        if (task is not null)
            return task;
        task = Open(command, plan);
        if (data.Buffer is not null)
        {
            data.Buffer.Retain();
            task.Data = data;
        }
        return task;
    }

    private ScsiTask Open(in OpenCommand command, in ScsiPlan plan)
    {
        if (!_spareTasks.TryPop(out var task))
            task = new(this);
        (task.Command, task.Plan) = (command, plan);
        _tasks[command.TaskTag] = task;
        return task;
    }

    /// <summary>Lets go of all that the task holds; whoever waits for its end or for its room goes on.</summary>
    private void Retire(ScsiTask? task)
    {
        if (task is null)
            return;
        _tasks.Remove(task.Command.TaskTag);
        if (task.IsAdmitted)
            _collectingBytes -= task.Needed;
        task.Clear();
        _spareTasks.Push(task);
        if (State != EngineState.Aborted)
            AdmitWaiting();
        AnswerManagement();
    }
}
