import { Global, Module } from '@nestjs/common';
import { AdmissionQueue } from './admission-queue.js';
import { Backpressure } from './backpressure.js';
import { LoadSensor } from './load-sensor.js';

const services = [LoadSensor, AdmissionQueue, Backpressure];

/** Who goes first where there is too little time for all. */
@Global()
@Module({ providers: services, exports: services })
export class SchedulingModule {}
