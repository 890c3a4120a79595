export { type Clock, systemClock, type Timer } from "meshless/discovery";
